#!/bin/bash
# Runs tests/need.sh in a Debian root that has nothing of what it installs. Afterwards each tool of
# each set must work. Usage: need_test.sh SOURCE-FOLDER
set -u
source=$1
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$source/tests/support/table.sh"
# shellcheck source-path=SCRIPTDIR source=../support/roots.sh
. "$source/tests/support/roots.sh"

[ "$(id -u)" = 0 ] || cannot 'it needs root'
command -v debootstrap > /dev/null || cannot 'there is no debootstrap'
has_namespaces --mount --pid --fork
make_roots || cannot 'there is no root'
for old in "$cache"/need.*; do # left by runs that were killed
  [ -d "/proc/${old##*.}" ] || rm -rf --one-file-system "$old"
done
root=$cache/need.$$
trap 'rm -rf --one-file-system "$root" "$work"' EXIT
trap 'exit 1' INT TERM HUP
cp -a --reflink=auto "$cache/base" "$root" && cp "$source/tests/need.sh" "$root/root/" || exit 1
cd "$work" || exit 1

# shell STATUS PATTERN COMMANDS: a row, in the root.
inside=(unshare --mount --pid --fork --kill-child sh -c
  'mount -t proc proc "$0/proc" && exec chroot "$0" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"'
  "$root")
shell() { row "$1" "$2" "${inside[@]}" sh -c "$3"; }
need() {
  rows=$((rows + 1))
  "${inside[@]}" sh /root/need.sh "$@" > output 2>&1 || wrong "need.sh $*: exit status $?"
}

# The first time, with every set: listing one set must not depend on the packages of another.
need build clang demo style package root 32 preload tool bench conformance sites cross
for command in g++ make cmake clang++ clang-format clang-tidy shellcheck cppcheck msmtp readelf lintian \
  strace objcopy python3 curl perl bash node javac setcap ip mandoc valgrind nft debootstrap \
  qemu-i386-static qemu-aarch64-static proxychains4; do
  shell 0 . "command -v $command"
done
shell 0 '' 'test -x /usr/sbin/smtp-source'
echo 'int main() {}' > "$root/root/main.cc"
echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' \
  > "$root/root/fuzz.cc"
shell 0 '' 'cd /root && g++ -m32 main.cc && qemu-i386-static ./a.out'
shell 0 '' 'cd /root && g++ -fsanitize=address,undefined main.cc && g++ -fsanitize=thread main.cc'
shell 0 '' 'cd /root && clang++ -fsanitize=fuzzer,address,undefined fuzz.cc && ./a.out -runs=1'
shell 0 '' 'cd /root && echo "#include <fmt/core.h>" | g++ -xc++ -fsyntax-only -'
shell 0 '' 'cd /root && echo "#include <catch2/catch.hpp>" | g++ -xc++ -fsyntax-only - ||
  echo "#include <catch2/catch_all.hpp>" | g++ -xc++ -std=c++20 -fsyntax-only -'
for library in libjemalloc.so.2 libproxychains.so.4 libsocket_wrapper.so; do
  shell 0 "/$library\$" "ls /usr/lib/*/$library"
done

# The second time there is nothing to do.
shell 0 '!.' 'sh /root/need.sh build clang demo style package root 32 preload tool bench conformance sites cross'

finish
