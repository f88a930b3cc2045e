# Sourced: programs of another architecture.
# shellcheck shell=bash disable=SC2034

# emulate ARCHITECTURE QEMU: sets the array `emulated', to be put in front of a command: there the
# programs of the architecture (i386, aarch64) are run by QEMU, a static program. The emulator is
# registered in a user namespace (Linux 6.7), so that nothing changes outside.
emulate() {
  local class machine
  case $1 in
    i386) class='\x01' machine='\x03' ;;
    aarch64) class='\x02' machine='\xb7' ;;
  esac
  # From the ELF header (elf(5)): identification, and type executable or shared, for that machine.
  local magic="\\x7fELF$class\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00$machine\\x00"
  local mask='\xff\xff\xff\xff\xff\xfe\xfe\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
  emulated=(unshare --user --map-root-user --mount sh -c
    'mount -t binfmt_misc none /proc/sys/fs/binfmt_misc &&
      printf "%s" "$0" > /proc/sys/fs/binfmt_misc/register && exec "$@"'
    ":$1:M::$magic:$mask:$2:F")
}
