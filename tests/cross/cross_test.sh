#!/bin/bash
# The library and its unit tests for aarch64, and for the big-endian s390x: built in a Debian root
# of their own, because Debian's cross compilers conflict with the packages for i386 builds, and run
# by qemu. Usage: cross_test.sh SOURCE-FOLDER BUILD-FOLDER
set -u
source=$1 build=$2
# shellcheck source-path=SCRIPTDIR source=../support/own_root.sh
. "$source/tests/support/own_root.sh"
# shellcheck source-path=SCRIPTDIR source=../support/emulated.sh
. "$source/tests/support/emulated.sh"
# shellcheck source-path=SCRIPTDIR source=../package/library_file.sh
. "$source/tests/package/library_file.sh"

make_own_root() {
  needs debootstrap qemu-aarch64-static qemu-s390x-static
  make_roots cross
}
own_namespaces "$@"

# The source is mounted at /mnt, and the build goes to /srv.
over_root "$cache/cross"
built=$build/cross
mkdir -p "$built"
if ! { mount --bind "$built" "$root/srv" && mount --bind "$source" "$root/mnt" &&
  mount -o remount,bind,ro "$root/mnt"; }; then
  cannot 'mount fails'
fi
for qemu in qemu-aarch64-static qemu-s390x-static; do
  cp -u "$(command -v "$qemu")" "$built" || exit 1
done

# build_for ARCHITECTURE [TEST]: builds the library as it is installed, and its tests with -O1,
# which compiles faster. TEST is a unit test to leave out.
build_for() {
  # Uses the cross compiler's libraries: the root also has other ones for aarch64, which must not be
  # mixed with them.
  local architecture=$1 libraries=/usr/$1-linux-gnu
  long "cmake -S /mnt -B /srv/$architecture -D CMAKE_SYSTEM_NAME=Linux \
    -D CMAKE_SYSTEM_PROCESSOR=$architecture -D CMAKE_CXX_COMPILER=$architecture-linux-gnu-g++ \
    -D CMAKE_CXX_FLAGS_RELEASE='-O1 -DNDEBUG' -D CLUSTERBIND_LIBRARY_ONLY=ON -D BUILD_TESTING=ON \
    -D CMAKE_CROSSCOMPILING_EMULATOR='/srv/qemu-$architecture-static;-L;$libraries;-E;LD_LIBRARY_PATH=$libraries/lib'"
  long "cmake --build /srv/$architecture -j $(nproc) --target clusterbind_library"
  cd "$work" || exit 1
  check_library_file "$built/$architecture/libclusterbind.so" "$source"
  long "make -C /srv/$architecture/tests/unit -j $(nproc)"
  long "ctest --test-dir /srv/$architecture -L '^unit\$' -E '^${2:-}\$' -j $(nproc) --output-on-failure"
  tail -n 20 "$work/output"
}

# is_bound WHAT CONNECTIONS: the last output shows at least this many connections, and none from
# another address.
is_bound() {
  rows=$((rows + 1))
  if [ "$(grep -c ' 127\.0\.0\.25$' "$work/output")" -lt "$2" ] || grep -q ' 127\.0\.0\.1$' "$work/output"; then
    wrong "$1: not all connections are bound"
  fi
}

build_for aarch64
# In this emulator, fstat(2) for s390x returns no nanoseconds, while newfstatat(2) does, so that a file seems
# to differ from its own path.
build_for s390x reload_test

# The program of the reach test, which also starts itself, with glibc and with musl.
rules='bind 127.0.0.25 to 127.0.0.0/8'
for libc in gnu musl; do
  specs=
  [ "$libc" = gnu ] || specs=-specs=/usr/lib/aarch64-linux-musl/musl-gcc.specs
  long "aarch64-linux-gnu-gcc $specs -o /srv/subject-$libc /mnt/tests/reach/subject.c"
  emulate aarch64 "$built/qemu-aarch64-static"
  row 0 '' "${emulated[@]}" "${inside[@]}" CLUSTERBIND_FOLLOW=1 CLUSTERBIND_RULES="$rules" \
    LD_PRELOAD=/srv/aarch64/libclusterbind.so "/srv/subject-$libc"
  is_bound "aarch64, $libc" 12
done
# The root itself has no libc for s390x, with which the program could start itself.
long 's390x-linux-gnu-gcc -o /srv/subject-s390x /mnt/tests/reach/subject.c'
row 0 '' "${inside[@]}" /srv/qemu-s390x-static -L /usr/s390x-linux-gnu -E CLUSTERBIND_RULES="$rules" \
  -E LD_PRELOAD=/srv/s390x/libclusterbind.so /srv/subject-s390x again
is_bound s390x 4

finish
