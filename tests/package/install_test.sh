#!/bin/sh
# Where `cmake --install' puts the files, and with which modes: install_test.sh SOURCE-FOLDER
# BUILD-FOLDER
set -u
source=$1
build=$2
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
setting() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
libraries=usr/$(setting CMAKE_INSTALL_LIBDIR)
cd "$work" || exit 1
chmod 755 . # the wrapper requires a library that every user can reach
umask 022

# has MODE PATH: the file exists with this mode.
has() {
  rows=$((rows + 1))
  mode=$(stat -c %a "$2" 2> /dev/null) || mode=absent
  [ "$mode" = "$1" ] || wrong "$2: $mode, not $1"
}

rm -f output
export DESTDIR="$work/root"
row 0 '' cmake --install "$build" --prefix /usr
rm -f output
has 644 "root/$libraries/libclusterbind.so"
for program in clusterbind clusterbind-run clusterbind-bench; do
  has 755 "root/usr/bin/$program"
done
has 644 root/usr/share/doc/libclusterbind/examples/clusterbind.conf
for page in "$source"/config/man/*.[158]; do
  [ ! -e "$page" ] || has 644 "root/usr/share/man/man${page##*.}/${page##*/}"
done
# The rules are the operator's: an installation neither installs nor replaces any.
row 2 '' ls root/etc
row 0 '!.' find root -perm /7022

# The programs work in this place.
row 0 "^LD_PRELOAD=$work/root/$libraries/libclusterbind.so" \
  env PATH="$work/root/usr/bin:$PATH" clusterbind-run -r direct env
row 1 'static' root/usr/bin/clusterbind doctor /sbin/ldconfig

# Uninstalling is refused while ld.so.preload loads the library into every program; the rules stay.
mkdir root/etc
echo direct > root/etc/clusterbind.conf
uninstall() { row "$1" "$2" cmake --build uninstalled --target uninstall; }
row 0 '' cmake -S "$source" -B uninstalled -D BUILD_TESTING=OFF -D CMAKE_INSTALL_PREFIX=/usr \
  -D CMAKE_BUILD_TYPE=Release
for file in libclusterbind.so clusterbind clusterbind-attach clusterbind-bench; do
  cp "$build/$file" uninstalled/
done
for entry in "/$libraries/libclusterbind.so" libclusterbind.so "/usr/\$LIB/libclusterbind.so"; do
  echo "/lib/other.so:$entry # ours" > root/etc/ld.so.preload
  uninstall 2 'ld.so.preload names .*libclusterbind.so: without it every program'
  has 644 "root/$libraries/libclusterbind.so"
  # Runs the command that was printed.
  sed -n 's/^    sed/sed/p' output > undo
  row 0 '' sh undo
  row 0 '^/lib/other.so: # ours$' cat root/etc/ld.so.preload
done
echo /opt/libclusterbind.so > root/etc/ld.so.preload # another library
uninstall 0 '/etc/clusterbind.conf is yours: it stays'
row 0 '!clusterbind' find root/usr
has 644 root/etc/clusterbind.conf
uninstall 2 'nothing is installed'

# For secure execution the library has the setuid bit. Only the library is built again.
row 0 '' cmake -S "$source" -B secure -D CLUSTERBIND_SECURE=ON -D BUILD_TESTING=OFF \
  -D CMAKE_INSTALL_PREFIX=/usr -D CMAKE_BUILD_TYPE=Release
DESTDIR="$work/secure-root"
for file in libclusterbind.so clusterbind clusterbind-attach clusterbind-bench; do
  cp "$build/$file" secure/
done
row 0 '' cmake --install secure
rm -f output
has 4755 "secure-root/usr/$(sed -n 's/^CMAKE_INSTALL_LIBDIR:[A-Z]*=//p' secure/CMakeCache.txt)/libclusterbind.so"
has 755 secure-root/usr/bin/clusterbind

finish
