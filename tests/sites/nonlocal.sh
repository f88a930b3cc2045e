# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# nonlocal.sh - the failover test with net.ipv4.ip_nonlocal_bind and net.ipv6.ip_nonlocal_bind on.
# The kernel then lets a node bind to an address that it does not hold and, with IPv6, even send
# from it, so the library must check this itself.

# shellcheck source=failover.sh
. "$here/failover.sh"

# quiet_while_passive: node-b has mail for both families and never held the address. Every packet
# from it is counted, of any kind, at the firewall's port to node-b.
quiet_while_passive() {
  at fw nft -f - <<RULES
table netdev passive {
  counter from_cluster { }
  chain ingress {
    type filter hook ingress device "to-node-b" priority 0;
    ip saddr $cluster4 counter name from_cluster
    ip6 saddr $cluster6 counter name from_cluster
    arp saddr ip $cluster4 counter name from_cluster
  }
}
RULES
  send_load node-b 20
  await 20 deferred_for_want_of_address node-b
  sleep 5 # time for some retries
  check 'the passive node defers' deferred_for_want_of_address node-b
  check 'the passive node sends no packet from the cluster IP' [ "$(from_passive)" = 0 ]
  check 'the passive node tries nothing from its own address' \
    [ "$(count fw tried_node4 tried_node6)" = 0 ]
  at fw nft delete table netdev passive
  # Wait until it is delivered, before counting begins.
  leave node-a
  take node-b
  drain node-b
  drain site
  leave node-b
  take node-a
}

from_passive() {
  at fw nft list counter netdev passive from_cluster | awk '$1 == "packets" { print $2 }'
}

run_nonlocal() {
  local node
  topology_up && take node-a && start_site || return
  for node in node-a node-b; do
    at $node sysctl -qw net.ipv4.ip_nonlocal_bind=1 net.ipv6.ip_nonlocal_bind=1
    node_up $node || return
  done
  zero_counters
  quiet_while_passive
  : >"$(file site /var/mail/probe)"
  zero_counters
  failover 'ip addr, ip_nonlocal_bind'
}
