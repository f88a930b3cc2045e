# Sourced: /proc for as long as a script runs. What debootstrap makes has none until somebody mounts
# it; Java is not installed without it, and programs are not known by their names.
# shellcheck shell=sh

proc_is_ours=
mount_proc() {
  [ ! -e /proc/self ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo '/proc is not mounted, which takes root' >&2
    return 1
  fi
  echo 'mounting /proc, for as long as this runs'
  mount -t proc proc /proc && proc_is_ours=1
}

unmount_proc() { [ -z "$proc_is_ours" ] || umount /proc; }
