#!/bin/bash
# Debian 13, which has newer versions of g++, fmt and Catch2: the build, some unit tests, the library's package,
# and a connection after it is installed. Usage: debian13_test.sh SOURCE-FOLDER BUILD-FOLDER
set -u
source=$1 build=$2
# shellcheck source-path=SCRIPTDIR source=../support/own_root.sh
. "$source/tests/support/own_root.sh"

make_own_root() {
  needs debootstrap
  make_roots_of trixie build && mkdir -p "$cache/trixie/ccache"
}
own_namespaces "$@"

# The source is mounted at /mnt, and the build goes to /srv. The compiler's cache is kept beside the roots.
over_root "$cache/trixie/build"
built=$build/debian13
mkdir -p "$built" "$root/var/cache/ccache"
if ! { mount --bind "$built" "$root/srv" && mount --bind "$cache/trixie/ccache" "$root/var/cache/ccache" &&
  mount --bind "$source" "$root/mnt" && mount -o remount,bind,ro "$root/mnt"; }; then
  cannot 'mount fails'
fi
inside+=(CCACHE_DIR=/var/cache/ccache CCACHE_MAXSIZE=400M)

# -O0 compiles fastest. The library has its own optimisation options.
tests='address_test keywords_test parse_test trust_test socket_test'
long 'cmake -S /mnt -B /srv/build -D CMAKE_INSTALL_PREFIX=/usr -D CMAKE_CXX_COMPILER_LAUNCHER=ccache \
  -D CMAKE_CXX_FLAGS_RELEASE=-O0 -D CMAKE_SKIP_INSTALL_ALL_DEPENDENCY=ON'
long "cmake --build /srv/build -j $(nproc) --target clusterbind_library clusterbind preload_follower $tests"
long "ctest --test-dir /srv/build -R '^(${tests// /|})\$' -j $(nproc) --no-tests=error \
  --output-on-failure"

# The package of the tools would need the benchmark and more, which takes half as long again to build.
long 'cd /srv && rm -rf deb && cpack --config build/CPackConfig.cmake -G DEB -B deb -D CPACK_COMPONENTS_ALL=library'
row 0 '^Depends: libc6 \(>= [0-9.]+\)$' dpkg-deb --field "$built"/deb/libclusterbind_*.deb
long 'dpkg --install /srv/deb/*.deb'
shell 0 'libclusterbind.so' 'ldconfig -p'

start_listener "$build" "$work/listener" || exit 1
shell 0 '' "printf 'bind 127.0.0.25 to 127.0.0.0/8\n' > /etc/clusterbind.conf"
shell 0 'OK, 1 rule' '/srv/build/clusterbind check'
shell 0 '^source: +127.0.0.25' '/srv/build/clusterbind explain 127.0.0.1 25'
shell 0 '^C library +glibc 2.41 ' '/srv/build/clusterbind doctor bash'
connect="bash -c '< /dev/tcp/127.0.0.1/$port'"
sees 127.0.0.1 "$connect"
sees 127.0.0.25 "/srv/build/clusterbind-run $connect"
sees 127.0.0.25 "LD_PRELOAD=libclusterbind.so $connect"
# Debian 12's libc does not have these functions.
for function in pidfd_spawn pidfd_spawnp; do
  shell 0 '^LD_PRELOAD=libclusterbind.so$' "LD_PRELOAD=libclusterbind.so CLUSTERBIND_RULES=direct \
    CLUSTERBIND_FOLLOW=1 /srv/build/preload_follower $function"
done
long 'dpkg --purge libclusterbind'
shell 1 '' 'find / -xdev -name "*clusterbind*" | grep .'

finish
