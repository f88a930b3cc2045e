# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# host.sh - boots a root as a host of the topology: an overlay over the root, own
# processes, mounts and host name, in the network namespace of that name. All that
# it writes is in memory and goes with it.

declare -A host_pid=()      # its first process, as seen from here
declare -A host_keeper=()   # the unshare that ends it
host_life=600               # seconds; it ends by itself after that

# boot NAME ROOT
boot() {
  local name=$1 root=$2 place=$tmp/$1 pid ready
  mkdir -p "$place"
  rm -f "$place.ready"
  mkfifo "$place.ready"
  # Opened for both directions, the fifo never makes either side wait for the other.
  exec {ready}<>"$place.ready"
  ip netns exec "$(ns "$name")" \
    unshare --mount --uts --ipc --pid --fork --kill-child -- \
    sh "$here/host-init.sh" "$cache/$root" "$place" "$(full_name "$name")" "$stage" "$host_life" \
    >"$place.console" 2>&1 </dev/null 3>&"$ready" {ready}>&- &
  host_keeper[$name]=$!
  read -r -t 20 -u "$ready" pid
  exec {ready}>&-
  if [ -z "$pid" ]; then
    echo "sites: host $name did not boot: $(tail -n 3 "$place.console")" >&2
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

# inside NAME COMMAND...: runs it in the host, for two minutes at most.
inside() {
  local name=$1
  shift
  timeout -k 5 120 nsenter --target "${host_pid[$name]}" --mount --uts --ipc --net --pid --root -- \
    env -i --chdir=/ PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root "$@"
}

# The path of a host's file, from outside.
file() { echo "/proc/${host_pid[$1]}/root$2"; }

end_host() {
  local keeper=${host_keeper[$1]:-}
  [ -n "$keeper" ] || return 0
  kill -KILL "$keeper" 2>/dev/null
  wait "$keeper" 2>/dev/null
  unset "host_keeper[$1]" "host_pid[$1]"
}

end_hosts() {
  local name
  for name in "${!host_keeper[@]}"; do
    end_host "$name"
  done
}
