# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# keepalived-pair.sh - two active nodes by the recipe, with the same rules and one cluster IP each.
# Each node fails in turn: the other one then has both addresses, and mail that waits on a node
# without an address is delivered when its own comes back.

# shellcheck source=keepalived.sh
. "$here/keepalived.sh"

has() { ip -n "$(ns "$1")" -o addr show dev eth0 | grep -q " $2/"; }
has_first() { has "$1" "$cluster4" && has "$1" "$cluster6"; }
has_second() { has "$1" "$second4" && has "$1" "$second6"; }

# pair_up NODE: the MTA, with the rules for both nodes, but without keepalived.
pair_up() {
  node_up "$1" || return
  cp "$examples/active-active.conf" "$(file "$1" /etc/clusterbind.conf)"
  inside "$1" sh -c 'postfix stop; clusterbind-run postfix start' >"$tmp/$1.restart" 2>&1
  await 20 inside "$1" busybox nc -w 1 127.0.0.1 25 </dev/null >/dev/null 2>&1
}

# pair_guard_up NODE: starts keepalived; on node-b with the two priorities exchanged, as the recipe
# says.
pair_guard_up() {
  local conf=$examples/keepalived-pair.conf
  if [ "$1" = node-b ]; then
    sed 's/priority 100/priority X/; s/priority 90/priority 100/; s/priority X/priority 90/' \
      "$conf" >"$tmp/node-b.conf"
    conf=$tmp/node-b.conf
  fi
  guard_up "$1" "$conf"
}

# die NODE: its link goes down, and its addresses are gone, all at once.
die() {
  ip -n "$(ns fw)" link set "to-$1" down
  node_log "$1" >>"$tmp/dead.log"
  end_host "$1"
  ip -n "$(ns "$1")" addr flush dev eth0
}

# come_back NODE: as after a reboot.
come_back() {
  ip -n "$(ns fw)" link set "to-$1" up
  ip -n "$(ns "$1")" -6 route flush dev eth0
  join "$1" "${node4[$1]}" "${node6[$1]}" 192.0.2.1 2001:db8::1
  pair_up "$1"
}

# mail_from NODE: sends mail over both families, and sets the array mails.
mail_from() {
  local family
  for family in 4 6; do
    submit "$1" "probe@$(domain $family)"
    mails[$family]=$mail
    given=$((given + 1))
  done
}

# comes_from WHICH TEXT: these mails arrive from the first or the second address.
comes_from() {
  local family
  for family in 4 6; do
    local -n address=$1$family
    await 40 arrived site "${mails[$family]}" && delivered=$((delivered + 1))
    check "IPv$family, $2: from $address" [ "$(seen_from site "${mails[$family]}")" = "$address" ]
  done
}

# waits NODE: its mail waits, because it has no address yet.
waits() {
  check "$1 without an address defers" await 20 deferred_for_want_of_address "$1"
  for family in 4 6; do
    check "IPv$family: it waits" not_arrived "${mails[$family]}"
    waited=$((waited + 1))
  done
}

# one_dies NODE OTHER WHICH: NODE, which holds the address WHICH, fails.
one_dies() {
  local family
  die "$1"
  check "$2 has both addresses when $1 is dead" await 20 eval "has_first $2 && has_second $2"
  mail_from "$2" && comes_from cluster "$2 with both" # the first address of the list
  come_back "$1"
  mail_from "$1"
  waits "$1"
  pair_guard_up "$1"
  check "$1 takes its address back" await 30 eval "has_$3 $1 && ! has_$3 $2"
  if [ "$3" = first ]; then comes_from cluster "$1 again"; else comes_from second "$1 again"; fi
}

# sent: how many mails the two nodes have sent, by their logs.
sent() {
  cat "$tmp/dead.log" "$(file node-a /var/log/syslog)" "$(file node-b /var/log/syslog)" |
    grep -c 'postfix/smtp.*status=sent'
}
all_sent() { [ "$(sent)" -ge "$given" ]; }

run_keepalived-pair() {
  local given=0 delivered=0 waited=0
  local -A mails=()
  topology_up && start_site && pair_up node-a && pair_up node-b || return
  zero_counters
  pair_guard_up node-a
  pair_guard_up node-b
  check 'node-a has the first address' await 30 eval 'has_first node-a && ! has_first node-b'
  check 'node-b has the second' await 30 eval 'has_second node-b && ! has_second node-a'
  mail_from node-a && comes_from cluster node-a
  mail_from node-b && comes_from second node-b
  one_dies node-a node-b first
  one_dies node-b node-a second
  await 10 all_sent # by the queues' logs, which come after site 1's mailbox
  name 'keepalived, two active nodes'
  cell 4 4
  cell 12 $given
  cell 12 $delivered
  cell 4 $waited
  cell 0 $((given - delivered))
  cell 0 "$(cat "$tmp/dead.log" "$(file node-a /var/log/syslog)" "$(file node-b /var/log/syslog)" | grep -c status=bounced)"
  name $(($(mailbox site | grep -c '^Subject: probe-') - delivered))
  cell 12 "$(sent)"
  judge_counters
  end_row "failover-$job"
}
