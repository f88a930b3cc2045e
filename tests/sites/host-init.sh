#!/bin/sh
# host-init.sh ROOT PLACE NAME STAGE LIFE [systemd] - the first process of a host. It sets up mounts
# and names, installs the files of STAGE and starts syslog; then it waits, or becomes systemd.
# host.sh runs it in new namespaces, so nothing of this is visible outside.
set -e
root=$1 place=$2 name=$3 stage=$4 life=$5 init=${6:-}
read -r pid _ </proc/self/stat # the id outside, because /proc is still that of the outside

mount -t tmpfs -o size=2g,mode=755 host "$place"
mkdir "$place/upper" "$place/work" "$place/root"
mount -t overlay -o "lowerdir=$root,upperdir=$place/upper,workdir=$place/work" overlay "$place/root"
root=$place/root
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=755 dev "$root/dev"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/zero" c 1 5
mknod -m 666 "$root/dev/full" c 1 7
mknod -m 666 "$root/dev/random" c 1 8
mknod -m 666 "$root/dev/urandom" c 1 9
mknod -m 666 "$root/dev/tty" c 5 0
mkdir -m 1777 "$root/dev/shm" "$root/run/lock"
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/pts"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"

hostname "$name"
echo "$name" >"$root/etc/hostname"
echo "$name" >"$root/etc/mailname"
# There is no name server: queries fail at once.
echo 'nameserver 127.0.0.1' >"$root/etc/resolv.conf"
cat >"$root/etc/hosts" <<HOSTS
127.0.0.1 localhost
::1 localhost
192.0.2.11 node-a.cluster.example
192.0.2.12 node-b.cluster.example
192.0.2.25 cluster.example
198.51.100.7 v4.site1.example
2001:db8:1::7 v6.site1.example
198.51.100.7 mail.site1.example
198.51.100.7 site1.example
HOSTS
[ -z "$stage" ] || cp -a "$stage/." "$root/"
chroot "$root" ldconfig
chroot "$root" useradd -m probe

# Descriptor 3 is connected to host.sh.
if [ "$init" = systemd ]; then
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  # The root is mounted at / and not just entered by chroot, because systemd's sandboxes consist of
  # mounts. Until then host.sh must not look for its files.
  cd "$root"
  pivot_root . mnt
  umount -l mnt
  echo "$pid" >&3
  exec 3>&-
  exec chroot . env -i container=sites PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --unit=basic.target
fi
# shellcheck disable=SC2016 # the inner shell's
exec chroot "$root" sh -c '
  busybox syslogd -O /var/log/syslog -S
  echo "$1" >&3
  exec 3>&-
  sleep "$2" &
  wait $!' sh "$pid" "$life"
