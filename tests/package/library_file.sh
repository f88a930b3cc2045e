# Sourced after table.sh: checks what the library's file promises, on every architecture.
# shellcheck shell=sh

# same NAME EXPECTED ACTUAL: compares two files, line by line.
same() {
  rows=$((rows + 1))
  diff "$2" "$3" > output || wrong "$1 ('<' is what should be)"
}

# check_library_file LIBRARY SOURCE-FOLDER: uses the current folder for its files. readelf and nm
# can read files of every architecture.
check_library_file() {
  library=$1 preload=$2/preload
  readelf -dW "$library" > dynamic
  readelf -lW "$library" > segments
  readelf -hW "$library" > header

  # It needs only libc, searches no folders of its own, and has no soname.
  echo libc.so.6 > expected
  sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' dynamic > needed
  same 'libraries needed' expected needed
  row 1 '' grep -E 'RPATH|RUNPATH|SONAME' dynamic
  # It needs no symbol versions: an older glibc ends every program that is started with a library
  # whose versions it lacks.
  row 0 'No version information' readelf -V "$library"
  row 1 '' grep -E 'VERNEED|VERSYM' dynamic

  # Everything is resolved at load time and read-only afterwards. There are no text relocations, and
  # no executable stack.
  row 0 'BIND_NOW' grep FLAGS dynamic
  row 0 'NOW' grep FLAGS_1 dynamic
  row 1 '' grep TEXTREL dynamic
  row 0 '' grep GNU_RELRO segments
  row 0 'RW +0x' grep GNU_STACK segments
  row 1 '' grep -E 'RWE|WE ' segments
  # Thread-local variables of a preloaded library would use up a reserve that others may need.
  row 1 '' grep -w TLS segments

  # It has the stack protector but not _FORTIFY_SOURCE, whose functions (__memcpy_chk, ...) exist
  # only in glibc; musl would end the program.
  nm -D --undefined-only "$library" | sed 's/^ *[UwWv] //; s/@.*//' | sort -u > imports
  row 0 '' grep -x __stack_chk_fail imports
  row 1 '' grep _chk\$ imports
  nm -D "$library" | grep '^ *w _*dl_*sym$' > weak
  row 0 '^2$' grep -c . weak
  # Without this note ld.so would switch off shadow stacks for the whole program.
  if grep -q 'X86-64' header; then
    readelf -nW "$library" > notes
    row 0 '' grep SHSTK notes
  fi
  # On aarch64 atomic operations are inline: libgcc's functions for them call __getauxval, which
  # only glibc has.
  nm "$library" > symbols
  row 1 '' grep __aarch64_ symbols

  # It exports the hooks and nothing else.
  nm -D --defined-only "$library" | sed 's/.* //; s/@.*//' | sort -u > defined
  sed '/^#ifdef/,/^#endif/d' "$preload/hooks.def" |
    sed -n 's/^[A-Z]*(\([a-z_0-9]*\).*/\1/p' | LC_ALL=C sort > expected
  LC_ALL=C sort defined > defined.sorted
  same 'exported names' expected defined.sorted

  # Every import is listed with its reason.
  sed '/^#/d; /^$/d; s/[[:blank:]].*//' "$preload/libc.txt" | LC_ALL=C sort > allowed
  LC_ALL=C sort imports > imports.sorted
  rows=$((rows + 1))
  LC_ALL=C comm -13 allowed imports.sorted > output
  [ ! -s output ] || wrong 'imports that preload/libc.txt gives no reason for'
  rows=$((rows + 1))
  sed -n '/^[^#]/{/[[:blank:]][^[:blank:]]/!p}' "$preload/libc.txt" > output
  [ ! -s output ] || wrong 'libc.txt: names without a reason'
}
