# Sourced by the tests of the rules in the kernel, behind table.sh: a group of their own, and the
# addresses of a network of their own.
# shellcheck shell=sh disable=SC2154

# has_groups: or this test cannot run here. `group' is a new group, which is removed at the
# end, and `inside' a script that runs a command in it.
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

# leave_groups: waits for the last process of the groups.
leave_groups() {
  for _ in $(seq 50); do
    find "$group" -depth -type d -exec rmdir {} + 2> /dev/null
    [ -e "$group" ] || return 0
    sleep 0.1
  done
  echo "a group is left: $group" >&2
}

# has_addresses: 192.0.2.25 and 2001:db8::25 are the cluster's, .9 and ::9 the node's and the far
# end's at once; 192.0.2.77 and 2001:db8::77 are not here.
has_addresses() {
  ip link set lo up
  for address in 192.0.2.9 192.0.2.25 192.0.2.26; do ip addr add $address/32 dev lo; done
  for address in 2001:db8::9 2001:db8::25 2001:db8::26; do ip addr add $address/128 dev lo nodad; done
}
