#!/bin/sh
# Makes a root that has only musl and a busybox linked with it: musl_root.sh FOLDER
# Debian's own busybox is linked with glibc, so it is built here from Debian's source. An existing
# FOLDER is kept.
set -eu
[ ! -e "$1/made" ] || exit 0
new=$1.new
rm -rf "$new" "$1"
mkdir -p "$new/source/lists/partial" "$new/source/headers" "$new/root"
cd "$new/source"

# Fetches the source by apt from this host's archives.
# shellcheck disable=SC2016 # placeholders of apt's
apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
  sed -n 's/^Debian \([^ ]* [^ ]* main\)$/deb-src \1/p' | sort -u > sources.list
apt() {
  apt-get -q -o Dir::Etc::sourcelist="$PWD/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$PWD/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    -o APT::Sandbox::User=root "$@"
}
apt update
apt source --download-only busybox
tar -xf busybox_*.orig.tar.*
cd busybox-*/

# Only what the wrapper and the test call. The kernel's headers are those of the host.
make allnoconfig
for option in ASH SH_IS_ASH ASH_ECHO ASH_PRINTF ASH_TEST ASH_GETOPTS CAT DIRNAME READLINK \
  FEATURE_READLINK_FOLLOW ID FIND FEATURE_FIND_PRUNE FEATURE_FIND_PERM GREP SED TR ENV LS \
  NC SENDMAIL LFS; do
  sed -i "s/^# CONFIG_$option is not set/CONFIG_$option=y/" .config
done
yes '' | make oldconfig
ln -s /usr/include/linux /usr/include/asm-generic "/usr/include/$(gcc -print-multiarch)/asm" ../headers
make -j "$(nproc)" CC="musl-gcc -isystem $PWD/../headers" busybox

# The root: each applet is a link to busybox.
root=$new/root
mkdir -p "$root/bin" "$root/lib" "$root/etc" "$root/usr/local" "$root/tmp"
loader=$(readelf -lW busybox | sed -n 's|.*interpreter: \(/lib/.*\)\].*|\1|p')
cp -L "$loader" "$root/lib"
cp busybox "$root/bin"
for applet in sh cat dirname readlink id find grep sed tr env ls nc sendmail test printf echo; do
  ln -s busybox "$root/bin/$applet"
done
cd /
rm -r "$new/source"
: > "$new/made"
mv "$new" "$1"
