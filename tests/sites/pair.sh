# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# pair.sh - both nodes are active. Each begins with one of two cluster IPs, and either address moves
# at any time, so a node may hold one, both or none. The same rule file, with a list, serves both
# nodes.

# shellcheck source=failover.sh
. "$here/failover.sh"

# Either address moves to either node, at random. Between two moves, no node may have it for a
# while.
move_about() {
  local which next i
  declare -A holder=([cluster]=node-a [second]=node-b)
  seed=${SITES_SEED:-$((SRANDOM % 32768))}
  echo "       $job: random seed $seed (SITES_SEED=$seed repeats it)"
  RANDOM=$seed
  for ((i = 0; i < moves; i++)); do
    sleep "$((RANDOM % 2)).$((RANDOM % 10))"
    which=cluster
    [ $((RANDOM % 2)) = 0 ] || which=second
    next='node-a'
    [ "${holder[$which]}" != node-a ] || next='node-b'
    leave "${holder[$which]}" $which
    sleep "0.$((RANDOM % 4))"
    take $next $which
    holder[$which]=$next
  done
  # failover() expects that node-a holds the first address, and nobody the second.
  leave "${holder[second]}" second
  [ "${holder[cluster]}" = node-a ] || { leave node-b; take node-a; }
}

# The rules of the example, with the list in place of the addresses.
lists_sources() {
  sed -i "s/^bind .* to any/bind $cluster4, $second4, $cluster6, $second6  to any/" \
    "$(file "$1" /etc/clusterbind.conf)"
  inside "$1" clusterbind check --quiet
}

# by_address: how many mails site 1 received from each address.
by_address() {
  local address
  for address in $cluster4 $second4 $cluster6 $second6; do
    printf '%s %s; ' "$address" "$(grep -cE "(\[|IPv6:)$address\]" "$tmp/from")"
  done
}

run_pair() {
  local node
  topology_up && take node-a && take node-b second && start_site || return
  for node in node-a node-b; do
    node_up $node && lists_sources $node && inside $node sh -c \
      'postfix stop; clusterbind-run postfix start' >"$tmp/$node.restart" 2>&1 || return
  done
  zero_counters
  failover 'ip addr, two addresses'
  mailbox site | grep '^Received: from' >"$tmp/from"
  echo "       $job: mails by source address: $(by_address)"
  check 'mails came from both addresses' \
    eval '[ "$(grep -cF "[$cluster4]" "$tmp/from")" -gt 0 ] && [ "$(grep -cF "[$second4]" "$tmp/from")" -gt 0 ]'
}
