# Sourced after table.sh by the tests of rules in the kernel: makes control groups and gives
# addresses to the network namespace of the test.
# shellcheck shell=sh disable=SC2154

# has_groups: ends the test if no groups can be made. `group' is a new group, which is removed at
# the end, and `inside' a script that runs a command in it.
has_groups() {
  [ "$(id -u)" -eq 0 ] || cannot 'not root'
  mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
  [ -n "$mount" ] || cannot 'no cgroup v2 is mounted'
  group=$mount/clusterbind-test.$$
  mkdir "$group" || cannot 'no group can be made'
  trap 'leave_groups; rm -rf "$work"' EXIT
  inside=$work/inside
  printf '#!/bin/sh\necho 0 > %s/cgroup.procs && exec "$@"\n' "$group" > "$inside"
  chmod +x "$inside"
}

# leave_groups: waits until the groups have no processes any more.
leave_groups() {
  for _ in $(seq 50); do
    find "$group" -depth -type d -exec rmdir {} + 2> /dev/null
    [ -e "$group" ] || return 0
    sleep 0.1
  done
  echo "a group is left: $group" >&2
}

# has_addresses: 192.0.2.25 and 2001:db8::25 are the cluster's addresses, 192.0.2.9 and 2001:db8::9
# those of the node and the far end alike; 192.0.2.77 and 2001:db8::77 are not held.
has_addresses() {
  ip link set lo up
  for address in 192.0.2.9 192.0.2.25 192.0.2.26; do ip addr add $address/32 dev lo; done
  for address in 2001:db8::9 2001:db8::25 2001:db8::26; do ip addr add $address/128 dev lo nodad; done
}
