# Sourced by the tests that run in a root of their own, with another release of Debian or another C
# library. Brings table.sh, listener.sh and roots.sh with it.
# shellcheck shell=bash

support=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$support/table.sh"
# shellcheck source-path=SCRIPTDIR source=../support/listener.sh
. "$support/listener.sh"
# shellcheck source-path=SCRIPTDIR source=../support/roots.sh
. "$support/roots.sh"

# own_namespaces SOURCE-FOLDER BUILD-FOLDER [inside]: the test calls this first, with its own arguments.
# It calls make_own_root, a function of the test that makes the root if it is missing, and runs the test
# again in new namespaces (unshare(1)) with `inside' as the third argument. There it sets up loopback.
own_namespaces() {
  if [ "${3:-}" != inside ]; then
    [ "$(id -u)" = 0 ] || cannot 'it needs root'
    has_namespaces --mount --net --pid --fork
    make_own_root || cannot 'there is no root'
    unshare --mount --net --pid --fork --kill-child bash "$0" "$1" "$2" inside
    exit
  fi
  ip link set lo up || cannot 'there is no loopback'
}

# needs TOOL...: or this test cannot run here.
needs() {
  local tool
  for tool; do
    command -v "$tool" > /dev/null || cannot "there is no $tool"
  done
}

# over_root FOLDER: mounts the root in FOLDER under an overlay, which is removed after the test. Sets `root',
# where it is mounted, and `inside', the words before a command that is to run there.
over_root() {
  root=$work/root
  mkdir "$root" "$work/over" || exit 1
  trap leave_root EXIT
  if ! { mount -t tmpfs none "$work/over" && mkdir "$work/over/upper" "$work/over/work" &&
    mount -t overlay none -o "lowerdir=$1,upperdir=$work/over/upper,workdir=$work/over/work" "$root" &&
    mkdir -p "$root/proc" "$root/dev" && mount -t proc none "$root/proc" && mount -t tmpfs none "$root/dev" &&
    mknod -m 666 "$root/dev/null" c 1 3 && mknod -m 666 "$root/dev/urandom" c 1 9; }; then
    cannot 'mount fails'
  fi
  inside=(chroot "$root" env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive)
}
leave_root() {
  [ -z "${listener:-}" ] || stop_listener
  umount -R -l "$root"
  umount -l "$work/over"
  rm -rf --one-file-system "$work"
}

# shell STATUS PATTERN COMMANDS: a row whose commands run in the root.
shell() { row "$1" "$2" "${inside[@]}" sh -c "$3"; }
# long COMMANDS: the same for commands that may take minutes. Their exit status must be 0.
long() {
  rows=$((rows + 1))
  "${inside[@]}" sh -c "$1" > "$work/output" 2>&1 || wrong "$1"
}
# sees ADDRESSES COMMANDS: the same, and the source addresses that the listener must see.
sees() {
  rows=$((rows + 1))
  local before seen
  before=$(wc -l < "$listener_log")
  seen_by_listener "${inside[@]}" sh -c "$2" > /dev/null
  cp "$listener_log.command" "$work/output"
  for _ in {1..50}; do
    seen=$(tail -n "+$((before + 1))" "$listener_log" | xargs)
    [ "$seen" != "$1" ] || return 0
    sleep 0.2
  done
  wrong "$2: the listener saw $seen, not $1"
}
