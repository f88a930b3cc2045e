#!/bin/sh
# Removes what `cmake --install BUILD-FOLDER' has installed: uninstall.sh BUILD-FOLDER
# CMake's own list, install_manifest.txt, is that of the last installation, which may have been to
# another place. So this script determines again what would be installed. It refuses while the
# library is in use, and honours DESTDIR as the installation does.
set -eu
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
root=${DESTDIR:-}

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
DESTDIR=$stage cmake --install "$build" > /dev/null
files=$(cd "$stage" && find . '(' -type f -o -type l ')' | sed 's/^\.//')
library=$(echo "$files" | sed -n '/\/libclusterbind\.so$/p')
if [ ! -e "$root$library" ]; then
  echo "nothing is installed: there is no $root$library" >&2
  exit 1
fi
if [ -z "$root" ] && owner=$(dpkg -S "$library" 2> /dev/null); then
  echo "$library belongs to the package ${owner%: *}: use apt remove" >&2
  exit 1
fi
CLUSTERBIND_LIBRARY=$library DPKG_ROOT=$root sh "$here/../config/debian/prerm" remove >&2

echo "$files" | while read -r file; do
  [ -e "$root$file" ] || [ -L "$root$file" ] || continue
  echo "removing $root$file"
  rm "$root$file"
done
# Folders that only this project uses.
(cd "$stage" && find . -depth -type d -path '*clusterbind*') | sed 's/^\.//' | while read -r folder; do
  rmdir "$root$folder" 2> /dev/null || :
done
[ -n "$root" ] || ldconfig
if [ -e "$root/etc/clusterbind.conf" ]; then echo "$root/etc/clusterbind.conf is yours: it stays"; fi
