#!/bin/bash
# Runs attach_test.sh under the kernels of other Debian releases, each in a virtual machine of its own.
# Before Linux 5.18 the rows expect EPERM in place of other errors. CTest does not run this: it is to be
# started by hand. Usage: vm.sh BUILD-FOLDER [RELEASE...]
# It needs root, qemu-system-x86, cpio and Debian's archive. The processor is emulated, which takes a
# quarter of an hour for each release; where KVM works, ACCELERATOR=-enable-kvm takes less.
set -u
build=$(cd "$1" && pwd) here=$(cd "$(dirname "$0")" && pwd)
shift
[ $# -gt 0 ] || set -- bullseye bookworm
command -v qemu-system-x86_64 > /dev/null || { echo 'cannot run: no qemu-system-x86_64' && exit 77; }
accelerator=${ACCELERATOR:--cpu max}
# shellcheck source=../support/roots.sh
. "$here/../support/roots.sh"
cache=$cache/kernels
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# kernel_of RELEASE: fetches the kernel of that release from Debian's archive, as $cache/RELEASE.
kernel_of() {
  [ -s "$cache/$1" ] && return
  mkdir -p "$cache" "$work/apt/lists/partial" "$work/apt/archives/partial" "$work/deb"
  echo "deb $(host_archive) $1 main" > "$work/apt/list"
  set -- "$1" -q -o Dir::Etc::SourceList="$work/apt/list" -o Dir::Etc::SourceParts=- \
    -o Dir::State::Lists="$work/apt/lists" -o Dir::Cache="$work/apt" -o APT::Sandbox::User=root
  local release=$1 package
  shift
  apt-get "$@" update > /dev/null || return
  package=$(apt-cache "$@" depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9]\)/\1/p' | head -n 1)
  (cd "$work/deb" && apt-get "$@" download "$package" > /dev/null && dpkg-deb -x ./*.deb .) || return
  cp "$work"/deb/boot/vmlinuz-* "$cache/$release"
  rm -rf "$work/deb" "$work/apt"
}

# The root of the virtual machine: programs of this machine, with the libraries that they need.
root=$work/root
# put PROGRAM...: copies programs into it.
put() {
  for file; do
    path=$(command -v "$file") || { echo "cannot run: no $file" && exit 77; }
    case $path in
      /*) ;;
      *) path=/usr/bin/$file ;; # a word of the shell's own
    esac
    mkdir -p "$root${path%/*}"
    cp -L "$path" "$root$path"
    for library in $(ldd "$path" 2> /dev/null | grep -o '/[^ ]*'); do
      mkdir -p "$root${library%/*}"
      cp -L "$library" "$root$library"
    done
  done
}
mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/etc" "$root/run" "$root/usr/bin"
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; mkdir -p "$root/usr/$folder"; done
put sh awk cat true test chmod cp dirname env find grep head id install ip ln mkdir mktemp mount mv rm \
  rmdir sed seq sleep tail timeout unshare uname wc
mkdir -p "$root$build/tests/kernel" "$root/tests"
put "$build/clusterbind" "$build/clusterbind-attach" "$build/tests/kernel/kernel-try"
cp -r "$here" "$here/../support" "$root/tests"
cat > "$root/init" << END
#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin CI=true
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t cgroup2 none /sys/fs/cgroup
echo # ends the line of the firmware
uname -r
sh /tests/kernel/attach_test.sh $build $build/tests/kernel && echo 'vm: all right'
echo o > /proc/sysrq-trigger
sleep 60
END
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initrd" || exit 1

failed=
for release; do
  kernel_of "$release" || { echo "no kernel of $release" && exit 1; }
  # shellcheck disable=SC2086 # a list of words
  timeout 1800 qemu-system-x86_64 $accelerator -m 1024 -smp 2 -nographic -no-reboot -nic none \
    -kernel "$cache/$release" -initrd "$work/initrd" -append 'console=ttyS0 quiet panic=-1' \
    < /dev/null > "$work/log" 2>&1
  echo "$release:"
  tr -d '\r' < "$work/log" | grep -aE '^[0-9]+\.[0-9]+\.|^FAIL|^ +\||rows,|cannot run|panic' | head -n 60
  grep -aq '^vm: all right' "$work/log" || { tail -n 5 "$work/log" && failed=1; }
done
[ -z "$failed" ]
