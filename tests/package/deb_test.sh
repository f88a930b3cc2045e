#!/bin/sh
# Checks the packages that `cpack' makes from the build: deb_test.sh SOURCE-FOLDER BUILD-FOLDER
set -u
source=$1 build=$2
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$source/tests/support/table.sh"
command -v lintian > /dev/null || cannot 'there is no lintian'
cd "$work" || exit 1
chmod 755 . # the wrapper requires a library that every user can reach
version=$("$build/clusterbind-run" --version | sed 's/.* //')
architecture=$(dpkg --print-architecture)

row 0 '' cpack --config "$build/CPackConfig.cmake" -G DEB -B deb
library=deb/libclusterbind_${version}_$architecture.deb
tools=deb/clusterbind_${version}_$architecture.deb
row 0 '!^[EW]:' lintian --allow-root --fail-on error,warning "$library" "$tools"

# The library can be installed for several architectures, so files that they share must be
# identical. The rules are the operator's, so there is no /etc.
row 0 '^Multi-Arch: same$' dpkg-deb --field "$library"
row 0 '^Depends: libc6 \(>= [0-9.]+\)$' dpkg-deb --field "$library"
row 0 "^Depends: libclusterbind \\(= $version\\)," dpkg-deb --field "$tools"
row 0 "^libclusterbind \\($version\\) " cat "$source/config/debian/changelog"
mkdir root
for package in "$library" "$tools"; do
  row 0 '' dpkg-deb --extract "$package" root
done
row 2 '' ls root/etc
row 0 '!.' find root -perm /7022
row 0 "^root/usr/lib/[^/]*/libclusterbind.so\$" find root -perm 644 -name '*.so'
for page in "$source"/config/man/*.[158]; do
  row 0 '' gzip --test "root/usr/share/man/man${page##*.}/${page##*/}.gz"
done
row 0 '' test -f root/usr/share/doc/libclusterbind/examples/clusterbind.conf
row 0 "^LD_PRELOAD=/.*/root/usr/lib/.*/libclusterbind.so" \
  root/usr/bin/clusterbind-run -r direct env

# The archive works wherever it is unpacked.
row 0 '' cpack --config "$build/CPackConfig.cmake" -G TGZ -B tgz
row 0 '' tar --extract --strip-components 1 --one-top-level=unpacked --file tgz/*.tar.gz
row 0 "^LD_PRELOAD=/.*/unpacked/lib.*/libclusterbind.so" \
  unpacked/bin/clusterbind-run -r direct env

finish
