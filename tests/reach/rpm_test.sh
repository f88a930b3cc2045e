#!/bin/bash
# The RPM of a portable build, by rpm's own tools: into an empty root, and out of it. That root has no
# shell for the scriptlets. Usage: rpm_test.sh SOURCE-FOLDER BUILD-FOLDER
set -u
source=$1 build=$2
# shellcheck source-path=SCRIPTDIR source=../programs/table.sh
. "$source/tests/programs/table.sh"
[ "$(id -u)" = 0 ] || cannot 'it needs root'
for tool in rpm rpmlint; do command -v $tool > /dev/null || cannot "there is no $tool"; done
cd "$work" || exit 1
rpm=$(echo "$build"/portable/clusterbind-*.rpm)
row 0 ' 0 errors, 0 warnings' rpmlint -c "$source/config/rpm/rpmlint.toml" "$rpm"
row 0 '^libc.so.6\(\)' rpm -qp --requires "$rpm"
row 0 '!GLIBC' rpm -qp --requires "$rpm" # no version of a library
row 0 '/usr/share/licenses/libclusterbind/LICENSE' rpm -qp --licensefiles "$rpm"
# Folders of others belong to the package filesystem.
row 1 '' sh -c 'rpm -qlvp "$0" | grep ^d | grep -v /libclusterbind' "$rpm"

mkdir root
row 0 '' rpm --root "$work/root" --initdb
row 0 '' rpm --root "$work/root" --nodeps --noscripts -i "$rpm"
row 0 '^Usage: clusterbind' chroot root /usr/bin/clusterbind --help
row 0 '!.' rpm --root "$work/root" --nodeps -V clusterbind
row 0 '' rpm --root "$work/root" --nodeps --noscripts -e clusterbind
row 1 '' sh -c 'find root -name "*clusterbind*" | grep .'
finish
