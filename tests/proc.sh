# Sourced: mounts /proc for as long as a script runs. A root made by debootstrap has no /proc until
# it is mounted. Java cannot be installed without it, and rules cannot match the names of programs.
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
