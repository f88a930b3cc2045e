#!/bin/sh
# What clusterbind doctor says about a program's loader and the library: the program's own C
# library, the loader's folders, and whether the program's users can reach the file. Usage:
# loader_test.sh BUILD-FOLDER FOLDER-OF-TEST-PROGRAMS
set -u
build=$1 programs=$2
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
cd "$work" || exit 1
chmod 755 .
cp "$build/clusterbind" tool
tool=$work/tool
cp "$programs/hold" plain
printf 'int main(void) { return 0; }\n' > main.c
cc -o host main.c
if ls /lib/*/libclusterbind.so /usr/lib/*/libclusterbind.so > /dev/null 2>&1; then
  cannot 'a library is installed on this host'
fi

# the_library SOURCE [OPTION...]: makes a file that replaces the library beside the tool.
the_library() {
  printf '%s\n' "$1" > library.c
  shift
  cc -shared -fPIC -nostdlib -Wl,-z,now -o libclusterbind.so library.c "$@"
}
# c_library FILE VERSION-SCRIPT SOURCE: makes a C library.
c_library() {
  mkdir -p "${1%/*}"
  printf '%s\n' "$2" > versions.map
  printf '%s\n' "$3" > c.c
  cc -shared -fPIC -fno-builtin -nostdlib -Wl,-soname,libc.so.6 -Wl,--version-script=versions.map \
    -o "$1" c.c
}
# ends PATTERN: this host's own loader ends ./host with such a message.
ends() {
  rows=$((rows + 1))
  if LD_PRELOAD=$work/libclusterbind.so ./host > output 2>&1 || ! grep -q "$1" output; then
    wrong "the loader does not say $1"
  fi
}

# The loader ends every program if the C library lacks a version.
c_library stub/libc.so.6 'GLIBC_9.98 { global: soon; }; GLIBC_9.99 { global: later; local: *; };' \
  'void soon(void) {} void later(void) {}'
the_library 'void soon(void), later(void); void use(void) { soon(), later(); }' stub/libc.so.6
ends 'GLIBC_9.9[89].*not found'
row 1 '^verdict: not reachable: its C library, glibc [0-9.]+ \(.*/libc.so.6\), lacks GLIBC_9.98, GLIBC_9.99, which .*/libclusterbind.so needs' \
  "$tool" doctor ./host
row 1 '"reachable":"no"' "$tool" doctor --json ./host
# It does not if the reference to that version is weak.
the_library 'void later(void) __attribute__((weak)); void use(void) { if (later) later(); }'
row 0 '^verdict: reachable' "$tool" doctor ./host
# Nor if the version exists.
the_library 'int getpid(void); void use(void) { getpid(); }' -lc
row 0 '^verdict: reachable' "$tool" doctor ./host
# It does if a symbol is missing.
the_library 'void no_such_call(void); void use(void) { no_such_call(); }'
ends 'undefined symbol: no_such_call'
row 1 'lacks no_such_call, which' "$tool" doctor ./host

# A program with an old C library of its own: beside its loader, or in a folder that the program
# names.
the_library 'unsigned long getauxval(unsigned long); void use(void) { getauxval(0); }' -lc
loader=$("$tool" doctor --json ./host | sed 's/.*"interpreter":"\([^"]*\)".*/\1/')
c_library old/libc.so.6 'GLIBC_2.2.5 { global: getauxval; };' 'unsigned long getauxval(unsigned long n) { return n; }'
cp "$loader" old/
cc -Wl,--dynamic-linker="$work/old/${loader##*/}" -o aged main.c
row 1 "^verdict: not reachable: its C library, glibc 2.2.5 \\($work/old/libc.so.6\\), lacks GLIBC_2\\.[0-9]+, which" "$tool" doctor ./aged
cc -Wl,-rpath,'$ORIGIN/old' -o tied main.c
row 1 "its C library, glibc 2.2.5 \\($work/old/libc.so.6\\), lacks GLIBC_2" "$tool" doctor ./tied
mkdir bare && cp "$loader" bare/
cc -Wl,--dynamic-linker="$work/bare/${loader##*/}" -o lonely main.c
row 2 "^verdict: could not find out whether the library loads there: there is no libc.so.6 beside" "$tool" doctor ./lonely

# doctor names the C library, and says whether the library serves it.
row 0 "^C library +glibc $(getconf GNU_LIBC_VERSION | sed 's/.* //') \\(/.*/libc.so.6\\)\$" "$tool" doctor ./host
row 0 '"c_library":{"name":"glibc","version":"[0-9.]+","path":"/.*/libc.so.6"}' "$tool" doctor --json ./host
the_library 'int weak(void) __attribute__((weak));'
c_library dated/libc.so.6 'GLIBC_2.30 { global: banner; };' \
  'const char banner[] = "GNU C Library (Some) stable release version 2.12.2, by many.";'
cp "$loader" dated/
cc -Wl,--dynamic-linker="$work/dated/${loader##*/}" -o dated/host main.c
row 2 "^C library +glibc 2.12.2 \\($work/dated/libc.so.6\\)" "$tool" doctor dated/host
row 2 'its C library, glibc 2.12.2 .*, is older than 2.17, from which on' "$tool" doctor dated/host
mkdir other && cp "$loader" other/ld-uClibc.so.0
cc -Wl,--dynamic-linker="$work/other/ld-uClibc.so.0" -o other/host main.c
row 1 '^C library +neither glibc nor musl$' "$tool" doctor other/host
row 1 "^verdict: not reachable: its loader $work/other/ld-uClibc.so.0 is neither glibc's nor musl's" \
  "$tool" doctor other/host
the_library 'unsigned long getauxval(unsigned long); void use(void) { getauxval(0); }' -lc

# musl: the loader is the C library, and there are no symbol versions.
mkdir -p musl/lib musl/etc
cc -Wl,--dynamic-linker="$work/musl/lib/ld-musl-any.so.1" -o light main.c
musl_has() {
  printf '%s\n' "$1" > c.c
  cc -shared -fPIC -fno-builtin -nostdlib -o musl/lib/ld-musl-any.so.1 c.c
}
musl_has 'int connect;'
row 1 '^verdict: not reachable: its C library, musl \(.*/ld-musl-any.so.1\), lacks getauxval, which' "$tool" doctor ./light
musl_has 'int getauxval; const char version[] = "\0001.1.24";'
row 2 'its C library, musl 1.1.24 \(.*/ld-musl-any.so.1\), is older than 1.2,' "$tool" doctor ./light
musl_has 'int getauxval; const char version[] = "\0001.2.5";'
row 0 "^C library +musl 1.2.5 \\($work/musl/lib/ld-musl-any.so.1\\)\$" "$tool" doctor ./light
musl_has 'int getauxval;'
row 0 '^verdict: reachable' "$tool" doctor ./light
row 0 '^library .*, not where its loader looks for a bare name$' "$tool" doctor ./light
mkdir musl/found
cp libclusterbind.so musl/found
printf '%s\n' "$work/nowhere" "$work/musl/found" > musl/etc/ld-musl-any.path
row 0 "^library +$work/musl/found/libclusterbind.so, .*mode [0-9]+$" "$tool" doctor ./light
if [ "$(id -u)" -eq 0 ]; then
  cp light setgid && chgrp 65534 setgid && chmod 2755 setgid
  row 1 'in secure execution .*, where musl.s loader loads no preloaded library' "$tool" doctor ./setgid
fi

# A folder that other users cannot enter: in their programs, the loader leaves the library out and
# says so only on stderr.
mkdir -p closed/below open
cp tool libclusterbind.so closed/below
cp tool libclusterbind.so open
if [ "$(id -u)" -eq 0 ]; then
  chmod 700 closed
  rows=$((rows + 1))
  setpriv --reuid=65534 --clear-groups env LD_PRELOAD="$work/closed/below/libclusterbind.so" ./host > output 2>&1
  if ! grep -q 'cannot be preloaded.*ignored' output; then wrong 'the loader takes it all the same'; fi
  row 1 "^verdict: not reachable: other users cannot enter $work/closed" \
    closed/below/tool doctor ./host
  ln -s "$work/closed/below" link
  row 1 "other users cannot enter $work/closed, so" link/tool doctor ./host
  row 0 '^verdict: reachable' open/tool doctor ./host
  chmod 640 open/libclusterbind.so
  row 1 'other users cannot read .*/open/libclusterbind.so, so' open/tool doctor ./host
  # A user's own folder does not hinder that user's own programs.
  chown -R 65534 closed
  row 0 '^verdict: reachable' setpriv --reuid=65534 --clear-groups closed/below/tool doctor ./host
fi

# Installed below /usr/local as in the README, in a mount namespace of the test.
libdir=/usr/local/$(sed -n 's/^CMAKE_INSTALL_LIBDIR:PATH=//p' "$build/CMakeCache.txt" 2> /dev/null)
cat > installed.sh << 'END'
mount -t tmpfs -o mode=755 none /usr/local && mkdir -p /usr/local/bin "$2" &&
  cp tool /usr/local/bin/clusterbind && cp libclusterbind.so "$2" &&
  mkdir -p /usr/local/lib/php/extensions/20220829 /usr/local/apache2/modules &&
  touch /usr/local/apache2/modules/libphp8.2.so &&
  touch /usr/local/lib/php/extensions/20220829/curl.so /usr/local/lib/php/extensions/20220829/xml.so &&
  : > empty && mount --bind empty /etc/ld.so.cache || exit 99
[ "$1" = without ] || { ldconfig -C "$PWD/cache" && mount --bind cache /etc/ld.so.cache || exit 99; }
shift 2
exec "$@"
END
if [ "$(id -u)" -eq 0 ] && unshare -m true 2> /dev/null && [ -e /etc/ld.so.cache ] &&
  grep -q '^CMAKE_INSTALL_PREFIX:PATH=/usr/local$' "$build/CMakeCache.txt" 2> /dev/null; then
  row 0 "^library +$libdir/libclusterbind.so, .*mode [0-9]+\$" \
    unshare -m sh installed.sh with "$libdir" /usr/local/bin/clusterbind doctor ./host
  row 0 "^library +$libdir/libclusterbind.so, .*not where its loader looks for a bare name: run ldconfig\$" \
    unshare -m sh installed.sh without "$libdir" /usr/local/bin/clusterbind doctor ./host
  # PHP with extensions that bypass the library.
  for name in php php8.2 php-fpm8.2 php-cgi apache2 httpd; do
    cp host $name
    row 0 "^verdict: reachable: .*; but not PHP's extensions curl; rules in the kernel reach that, too" \
      unshare -m sh installed.sh with "$libdir" /usr/local/bin/clusterbind doctor ./$name
  done
  row 0 '^note +PHP.s extensions bypass every preloaded library' \
    unshare -m sh installed.sh with "$libdir" /usr/local/bin/clusterbind doctor ./php
  row 0 '"past_preload":\["/usr/local/lib/php/extensions/20220829/curl.so"\]' \
    unshare -m sh installed.sh with "$libdir" /usr/local/bin/clusterbind doctor --json ./php
  row 0 '!PHP' unshare -m sh installed.sh with "$libdir" /usr/local/bin/clusterbind doctor ./host
fi
finish
