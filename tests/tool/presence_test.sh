#!/bin/sh
# What check and explain mean by "on this host", in a network namespace of the test, and what they
# say if a sandbox keeps them from finding out. Usage: presence_test.sh BUILD-FOLDER FOLDER-OF-TEST-PROGRAMS
set -u
build=$1 programs=$2
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
tool=$build/clusterbind
in_own_network "$@"

ip link set lo up
ip link add wire type veth peer name far
ip link set wire up
ip link set far up
ip addr add 192.0.2.10/24 dev wire
ip addr add 192.0.2.25/24 dev wire
ip addr add 2001:db8::10/64 dev wire nodad
ip addr add 2001:db8::25/128 dev wire nodad
ip route add local 198.51.100.0/24 dev lo # AnyIP: the host holds every address of the prefix
ip route add local 2001:db8:1::/64 dev lo

# explains STATUS OUTCOME SOURCE DEST [WRAPPER...]: explains a connection to DEST:25 under a rule
# that binds to SOURCE.
explains() {
  status=$1 outcome=$2 source=$3 dest=$4
  shift 4
  row "$status" "$outcome" "$@" "$tool" explain --rules "bind $source" "$dest" 25
}
# checks STATUS PATTERN SOURCE [WRAPPER...]
checks() {
  status=$1 pattern=$2 source=$3
  shift 3
  row "$status" "$pattern" "$@" "$tool" check -r "bind $source port 25; refuse"
}

# agrees here|absent|broadcast SOURCE DEST: the library, explain and check give the same answer.
library=$build/libclusterbind.so
agrees() {
  want=$1 source=$2 dest=$3
  if [ "$want" = here ]; then
    explains 0 "^source: +$source, on this host now" "$source" "$dest"
    checks 0 '!not on this host' "$source"
    errno='' # nothing listens there, or the connection is in progress
  else
    not='not on this host now'
    [ "$want" = absent ] || not='a broadcast address of this host'
    explains 1 "^source: +$source, $not" "$source" "$dest"
    checks 0 "$source is $not" "$source"
    errno='Cannot assign requested address'
  fi
  [ -e "$library" ] || return
  rows=$((rows + 1))
  timeout 1 env LD_PRELOAD="$library" CLUSTERBIND_RULES="bind $source" \
    "$programs/hold" "$dest" 25 > "$work/output" 2>&1
  if [ -n "$errno" ] && ! grep -q "$errno" "$work/output"; then
    wrong "the library holds $source for present"
  elif [ -z "$errno" ] && grep -q 'Cannot assign' "$work/output"; then
    wrong "the library holds $source for absent"
  fi
}
all() {
  agrees here 192.0.2.10 192.0.2.7
  agrees here 192.0.2.25 192.0.2.7
  agrees here 127.0.0.25 192.0.2.7
  agrees here 198.51.100.77 192.0.2.7
  agrees here 2001:db8::10 2001:db8::7
  agrees here 2001:db8::25 2001:db8::7
  agrees absent 192.0.2.26 192.0.2.7
  agrees absent 203.0.113.1 192.0.2.7
  agrees absent 2001:db8::26 2001:db8::7
  agrees absent 2001:db8:1::77 2001:db8::7 # AnyIP of IPv6 does not count for bind
}
all
# bind accepts a broadcast address, but a connection would leave from the node's address.
broadcast() {
  agrees broadcast 192.0.2.255 192.0.2.7
  explains 0 '^outcome: bound to 192.0.2.25$' '192.0.2.255, 192.0.2.25' 192.0.2.7
  checks 0 '!not on this host' 192.0.2.255
}
broadcast

# The kernel lets bind accept every address, but that does not make it an address of this host.
echo 1 > /proc/sys/net/ipv4/ip_nonlocal_bind
echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind
all
broadcast
# The tool's own connections follow no rules.
if [ -e "$library" ]; then
  explains 0 '^source: +192.0.2.25, on this host now' 192.0.2.25 192.0.2.7 \
    env LD_PRELOAD="$library" CLUSTERBIND_RULES='refuse to 0.0.0.0/0, ::/0 proto any'
fi
echo 0 > /proc/sys/net/ipv4/ip_nonlocal_bind
echo 0 > /proc/sys/net/ipv6/ip_nonlocal_bind

# Without netlink, as under RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6.
explains 0 '^source: +192.0.2.25, on this host now' 192.0.2.25 192.0.2.7 "$programs/forbid" netlink
explains 0 '^source: +2001:db8::25, on this host now' 2001:db8::25 2001:db8::7 "$programs/forbid" netlink
explains 1 '^source: +192.0.2.26, not on this host now' 192.0.2.26 192.0.2.7 "$programs/forbid" netlink
explains 0 '^source: +192.0.2.25, on this host now' 192.0.2.25 192.0.2.7 "$programs/forbid" connect
checks 0 '!not on this host' '192.0.2.25 2001:db8::25' "$programs/forbid" netlink

# What cannot be determined is not reported as "no".
trouble='could not find out whether it is on this host: bind: Operation not permitted$'
explains 2 "^source: +192.0.2.25, $trouble" 192.0.2.25 192.0.2.7 "$programs/forbid" bind
explains 2 '^outcome: could not find out: bound to 192.0.2.25 if it is on this host, else refused' \
  192.0.2.25 192.0.2.7 "$programs/forbid" bind
explains 2 '!not on this host' 192.0.2.25 192.0.2.7 "$programs/forbid" bind
explains 2 'else left alone \(else direct\)$' '192.0.2.25 else direct' 192.0.2.7 "$programs/forbid" bind
explains 2 'on this host: socket: Address family not supported' 2001:db8::25 2001:db8::7 \
  "$programs/forbid" ipv6
row 2 '"on_this_host":null,"trouble":"bind: .*"made":null' "$programs/forbid" bind \
  "$tool" explain --json --rules 'bind 192.0.2.25' 192.0.2.7 25
checks 2 'warning: could not find out whether source address 192.0.2.25 is on this host: bind: ' \
  192.0.2.25 "$programs/forbid" bind
checks 2 '!not on this host' 192.0.2.25 "$programs/forbid" bind
row 2 'could not find out whether source' "$programs/forbid" bind \
  "$tool" check --quiet -r 'bind 192.0.2.25'
row 2 '"kind":"unknown"' "$programs/forbid" bind "$tool" check --json -r 'bind 192.0.2.25'
finish
