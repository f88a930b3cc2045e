# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# host.sh - boots a root as a host of the topology: with an overlay over the root, and with
# processes, mounts and a host name of its own, in the network namespace of that name. Everything
# that it writes is in memory and disappears with it.

declare -A host_pid=()      # the host's first process, by its id outside
declare -A host_keeper=()   # the unshare process that ends the host
declare -A host_cgroup=()   # set if the first process is systemd
host_life=1500              # seconds, after which a host ends by itself

# boot NAME ROOT [systemd]
boot() {
  local name=$1 root=$2 init=${3:-} place=$tmp/$1 pid ready cgroups
  mkdir -p "$place"
  rm -f "$place.ready"
  mkfifo "$place.ready"
  # The fifo is opened for reading and writing, so that neither side waits for the other.
  exec {ready}<>"$place.ready"
  # A cgroup for the host, which systemd sees as the root cgroup.
  if [ -n "$init" ]; then
    cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
    if [ -z "$cgroups" ]; then
      cgroups=$tmp/cgroup
      mkdir -p "$cgroups"
      mount -t cgroup2 none "$cgroups" || return
    fi
    host_cgroup[$name]=$cgroups/$world-$name
    mkdir "${host_cgroup[$name]}" || return
  fi
  # shellcheck disable=SC2016 # the inner shell's
  sh -c '
    [ -z "$1" ] || echo $$ >"$1/cgroup.procs"
    shift
    exec ip netns exec "$@"' sh "${host_cgroup[$name]:-}" "$(ns "$name")" \
    unshare --mount --uts --ipc --pid --fork --kill-child ${init:+--cgroup} -- \
    sh "$here/host-init.sh" "$cache/$root" "$place" "$(full_name "$name")" "$stage" "$host_life" "$init" \
    >"$place.console" 2>&1 </dev/null 3>&"$ready" {ready}>&- &
  host_keeper[$name]=$!
  read -r -t 90 -u "$ready" pid
  exec {ready}>&-
  if [ -z "$pid" ]; then
    echo "sites: host $name did not boot: $(tail -n 3 "$place.console")" >&2
    wrong=1 # even if the caller ignores it, because rows would be missing
    return 1
  fi
  host_pid[$name]=$pid
}

full_name() {
  case $1 in
    site) echo mail.site1.example ;;
    *) echo "$1.cluster.example" ;;
  esac
}

# inside NAME COMMAND...: runs a command in the host, for two minutes at most.
inside() {
  local name=$1
  shift
  timeout -k 5 120 nsenter --target "${host_pid[$name]}" --mount --uts --ipc --net --pid --root -- \
    env -i --chdir=/ PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root "$@"
}

# file NAME PATH: the path of a host's file, seen from outside.
file() { echo "/proc/${host_pid[$1]}/root$2"; }

# A cgroup cannot be removed before the last of its processes has ended.
remove_cgroup() {
  find "$1" -depth -type d -exec rmdir {} + 2>/dev/null
  [ ! -e "$1" ]
}

end_host() {
  local keeper=${host_keeper[$1]:-}
  [ -n "$keeper" ] || return 0
  kill -KILL "$keeper" 2>/dev/null
  wait "$keeper" 2>/dev/null
  [ -z "${host_cgroup[$1]:-}" ] || await 20 remove_cgroup "${host_cgroup[$1]}"
  unset "host_keeper[$1]" "host_pid[$1]" "host_cgroup[$1]"
}

end_hosts() {
  local name
  for name in "${!host_keeper[@]}"; do
    end_host "$name"
  done
  umount "$tmp/cgroup" 2>/dev/null
  return 0
}
