#!/bin/bash
# The RPM of a portable build: rpm installs, upgrades and removes it in a root of its own.
# Usage: rpm_test.sh SOURCE-FOLDER BUILD-FOLDER
set -u
source=$1 build=$2
# shellcheck source-path=SCRIPTDIR source=../support/own_root.sh
. "$source/tests/support/own_root.sh"

make_own_root() {
  needs rpm rpmlint debootstrap
  make_roots
}
own_namespaces "$@"
cd "$work" || exit 1
package=$(echo "$build"/portable/clusterbind-*.rpm)
row 0 ' 0 errors, 0 warnings' rpmlint -c "$source/config/rpm/rpmlint.toml" "$package"
row 0 '^libc.so.6\(\)' rpm -qp --requires "$package"
row 0 '!GLIBC' rpm -qp --requires "$package" # it needs no version of a library
row 0 '/usr/share/licenses/libclusterbind/LICENSE' rpm -qp --licensefiles "$package"
# Folders that others use too belong to the package `filesystem'.
row 1 '' sh -c 'rpm -qlvp "$0" | grep ^d | grep -v /libclusterbind' "$package"

# Into an empty root, where there is no shell for the scriptlets: the tools need nothing else.
mkdir empty
rpm=(rpm --root "$work/empty")
# The database of this root has no libc.so.6. Debian's rpm warns without the second option.
change=(--nodeps --force-debian)
row 0 '' "${rpm[@]}" --initdb
row 0 '' "${rpm[@]}" "${change[@]}" --noscripts -i "$package"
row 0 '^Usage: clusterbind' chroot empty /usr/bin/clusterbind --help
row 0 '!.' "${rpm[@]}" -V --nodeps clusterbind
row 0 '' "${rpm[@]}" "${change[@]}" --noscripts -e clusterbind
row 1 '' sh -c 'find empty -name "*clusterbind*" | grep .'

# Into a Debian root, with the folders of the package `filesystem' and a loader that searches lib64.
over_root "$cache/base"
mkdir -p "$root/usr/share/licenses" "$root/usr/libexec" "$root/usr/share/bash-completion/completions" \
  "$root/usr/share/man/man1" "$root/usr/share/man/man5" "$root/usr/share/man/man8"
echo /usr/lib64 > "$root/etc/ld.so.conf.d/lib64.conf"
shell 0 '!libclusterbind' 'ldconfig; ldconfig -p'
files() { (cd "$root" && find . -xdev -path ./root/.rpmdb -prune -o -print | sort); }
files > before
rpm=(rpm --root "$root")
# installed RELEASE: this release alone is there, complete, and the loader finds the library by its name.
installed() {
  row 0 "^clusterbind-[0-9.]+-$1\\." "${rpm[@]}" -q clusterbind
  row 0 '^1$' sh -c '"$@" | wc -l' sh "${rpm[@]}" -qa
  row 0 '!.' "${rpm[@]}" -V --nodeps clusterbind
  shell 0 'libclusterbind\.so .* => .*/lib64/libclusterbind\.so$' 'ldconfig -p'
  sees 127.0.0.25 "LD_PRELOAD=libclusterbind.so CLUSTERBIND_RULES='bind 127.0.0.25 to 127.0.0.0/8' $connect"
}
start_listener "$build" "$work/listener" || exit 1
connect="bash -c '< /dev/tcp/127.0.0.1/$port'"
row 0 '' "${rpm[@]}" --initdb
row 0 '!.' "${rpm[@]}" "${change[@]}" -i "$package" # where a scriptlet fails, rpm prints it and exits with 0
installed 1

# While /etc/ld.so.preload names the library, it can be upgraded, but not removed.
sed 's/^Release: .*/Release: 2/' "$build/portable/clusterbind.spec" > 2.spec
row 0 '' cpack --config "$build/portable/CPackConfig.cmake" -G RPM -B new \
  -D CPACK_RPM_USER_BINARY_SPECFILE="$work/2.spec"
echo libclusterbind.so > "$root/etc/ld.so.preload"
row 0 '!.' "${rpm[@]}" "${change[@]}" -U new/clusterbind-*-2.*.rpm
installed 2
row 1 'ld.so.preload names libclusterbind.so: without it every program would print an error' \
  "${rpm[@]}" "${change[@]}" -e clusterbind
# Runs the command that it printed.
sed -n 's/^    sed/sed/p' output > undo
installed 2
shell 0 '' "$(cat undo)"
row 0 '!libclusterbind' cat "$root/etc/ld.so.preload"
rm "$root/etc/ld.so.preload"

row 0 '!.' "${rpm[@]}" "${change[@]}" -e clusterbind
shell 0 '!libclusterbind' 'ldconfig -p'
files > after
row 0 '' diff before after
finish
