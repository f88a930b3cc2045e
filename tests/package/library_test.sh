#!/bin/sh
# What the library's file promises: library_test.sh BUILD-FOLDER
set -u
build=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../programs/table.sh
. "$here/../programs/table.sh"
library=$build/libclusterbind.so
command -v readelf > /dev/null || cannot 'there is no readelf'
cd "$work" || exit 1

# same NAME EXPECTED ACTUAL: two files, line by line.
same() {
  rows=$((rows + 1))
  diff "$2" "$3" > output || wrong "$1 ('<' is what should be)"
}

readelf -dW "$library" > dynamic
readelf -lW "$library" > segments
readelf -hW "$library" > header

# It needs libc alone, from no folder of its own, and nobody links to it.
echo libc.so.6 > expected
sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' dynamic > needed
same 'libraries needed' expected needed
row 1 '' grep -E 'RPATH|RUNPATH|SONAME' dynamic
# Of no version: an older glibc ends every program that is started with a library whose version it
# lacks.
row 0 'No version information' readelf -V "$library"
row 1 '' grep -E 'VERNEED|VERSYM' dynamic

# Everything is bound at load, and read-only from then on; no code is changed or lies on a stack.
row 0 'BIND_NOW' grep FLAGS dynamic
row 0 'NOW' grep FLAGS_1 dynamic
row 1 '' grep TEXTREL dynamic
row 0 '' grep GNU_RELRO segments
row 0 'RW +0x' grep GNU_STACK segments
row 1 '' grep -E 'RWE|WE ' segments
# A thread-local variable of a preloaded library takes from a reserve that others may need.
row 1 '' grep -w TLS segments

# The stack protector, and on x86-64 branch targets marked for IBT. No _FORTIFY_SOURCE: its functions
# (__memcpy_chk, ...) are glibc's alone, and musl would end the program.
nm -D --undefined-only "$library" | sed 's/^ *[UwWv] //; s/@.*//' | sort -u > imports
row 0 '' grep -x __stack_chk_fail imports
row 1 '' grep _chk\$ imports
row 0 '' sh -c 'nm -D "$0" | grep -c "^ *w _*dl_*sym$" | grep -x 2' "$library"
if grep -q 'X86-64' header; then
  start=0x$(nm -D "$library" | sed -n 's/ T connect$//p')
  objdump -d --start-address="$start" --stop-address=$((start + 8)) "$library" > entry
  row 0 '' grep endbr64 entry
fi

# Small: the whole of it is mapped into every process of a mail system.
strip -o stripped "$library"
rows=$((rows + 1))
: > output
[ "$(wc -c < stripped)" -le 73728 ] || wrong "stripped it has $(wc -c < stripped) bytes"

# The hooks and nothing else can be seen from outside.
nm -D --defined-only "$library" | sed 's/.* //; s/@.*//' | sort -u > defined
sed '/^#ifdef/,/^#endif/d' "$here/../../preload/hooks.def" |
  sed -n 's/^[A-Z]*(\(.*\))$/\1/p' | LC_ALL=C sort > expected
LC_ALL=C sort defined > defined.sorted
same 'exported names' expected defined.sorted

# Every import has its reason.
sed '/^#/d; /^$/d; s/[[:blank:]].*//' "$here/../../preload/libc.txt" | LC_ALL=C sort > allowed
LC_ALL=C sort imports > imports.sorted
rows=$((rows + 1))
LC_ALL=C comm -13 allowed imports.sorted > output
[ ! -s output ] || wrong 'imports that preload/libc.txt gives no reason for'
rows=$((rows + 1))
sed -n '/^[^#]/{/[[:blank:]][^[:blank:]]/!p}' "$here/../../preload/libc.txt" > output
[ ! -s output ] || wrong 'libc.txt: names without a reason'

# Its version is the tools' version; `clusterbind' looks for this text.
version=$("$build/clusterbind" --version | sed 's/.* //')
row 0 '' grep -a -q -F "libclusterbind $version" "$library"
row 0 " $version\$" "$build/clusterbind-run" --version
row 0 " $version\$" "$build/clusterbind-bench" --version

# Our own tools run under our own library as they do without it.
preloaded() { env LD_PRELOAD="$library" CLUSTERBIND_RULES='direct to any' "$@"; }
for command in 'check -r direct' 'explain --rules direct 198.51.100.7 25' 'doctor -r direct /bin/true'; do
  # shellcheck disable=SC2086 # words
  "$build/clusterbind" $command > plain 2>&1
  # shellcheck disable=SC2086 # words
  preloaded "$build/clusterbind" $command > under 2>&1
  same "clusterbind $command, under the library" plain under
done
row 0 '' env LD_PRELOAD="$library" CLUSTERBIND_RULES=direct "$build/clusterbind-bench" --version
row 0 'libclusterbind.so' env LD_PRELOAD="$library" cat /proc/self/maps

finish
