# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# topology.sh - two sites and a firewall, in network namespaces of this run.
#
#   node-a .11 --+
#                +-- br-lan .1  fw  wan .1 --- site .7
#   node-b .12 --+
#   cluster IP .25, on one of the nodes; in a run with two addresses .26, too
#
# Documentation addresses, so that the recipes in config/examples run as they are.
# They exist in these namespaces only, and no route leads out of them.

cluster4=192.0.2.25
cluster6=2001:db8::25
second4=192.0.2.26 # in a cluster with two active nodes
second6=2001:db8::26
declare -A node4=([node-a]=192.0.2.11 [node-b]=192.0.2.12)
declare -A node6=([node-a]=2001:db8::11 [node-b]=2001:db8::12)
site4=198.51.100.7
site6=2001:db8:1::7

# ns NAME: the name of a namespace. $world is the prefix of this job's namespaces: cb-PID-JOB.
ns() { echo "$world-$1"; }
at() { local name=$1; shift; ip netns exec "$world-$name" "$@"; }

topology_up() {
  local name
  for name in node-a node-b fw site; do
    ip netns add "$(ns $name)" || return
    # Duplicate address detection would take two seconds for every address.
    at $name sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
    ip -n "$(ns $name)" link set lo up
  done
  at fw sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
  ip -n "$(ns fw)" link add br-lan type bridge
  ip -n "$(ns fw)" link set br-lan up
  # The rules apply to traffic through the firewall, and not to traffic between the nodes (VRRP).
  # These settings exist only if br_netfilter is loaded.
  at fw sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 2>/dev/null
  for name in node-a node-b; do
    ip -n "$(ns fw)" link add "to-$name" type veth peer name eth0 netns "$(ns $name)"
    ip -n "$(ns fw)" link set "to-$name" master br-lan up
    join $name "${node4[$name]}" "${node6[$name]}" 192.0.2.1 2001:db8::1
  done
  ip -n "$(ns fw)" link add wan type veth peer name eth0 netns "$(ns site)"
  ip -n "$(ns fw)" link set wan up
  ip -n "$(ns fw)" addr add 192.0.2.1/24 dev br-lan
  ip -n "$(ns fw)" addr add 2001:db8::1/64 dev br-lan nodad
  ip -n "$(ns fw)" addr add 198.51.100.1/24 dev wan
  ip -n "$(ns fw)" addr add 2001:db8:1::1/64 dev wan nodad
  join site $site4 $site6 198.51.100.1 2001:db8:1::1
  watch_firewall && watch_nodes && firewall drop
}

# join NAME ADDRESS4 ADDRESS6 GATEWAY4 GATEWAY6: connects a host to its network.
join() {
  ip -n "$(ns "$1")" link set eth0 up
  ip -n "$(ns "$1")" addr add "$2/24" dev eth0
  ip -n "$(ns "$1")" addr add "$3/64" dev eth0 nodad
  ip -n "$(ns "$1")" route add default via "$4"
  ip -n "$(ns "$1")" -6 route add default via "$5"
}

topology_down() {
  local name
  for name in node-a node-b fw site; do
    ip netns del "$(ns $name)" 2>/dev/null
  done
}

# firewall POLICY: sets the policy of the site. drop and reject admit only tcp between the cluster
# IP and site 1, port 25; open admits everything.
firewall() {
  local policy=drop rest=
  case $1 in
    reject) rest='meta l4proto tcp reject with tcp reset' ;;
    open) policy=accept ;;
  esac
  at fw nft -f - <<RULES
table inet site
delete table inet site
table inet site {
  chain forward {
    type filter hook forward priority 0; policy $policy;
    ct state established,related accept
    ip saddr { $cluster4, $second4 } ip daddr $site4 tcp dport 25 accept
    ip daddr { $cluster4, $second4 } ip saddr $site4 tcp dport 25 accept
    ip6 saddr { $cluster6, $second6 } ip6 daddr $site6 tcp dport 25 accept
    ip6 daddr { $cluster6, $second6 } ip6 saddr $site6 tcp dport 25 accept
    $rest
  }
}
RULES
}

# Counters on the firewall, by source address: connection attempts to site 1 that come in from the
# cluster (tried), and that leave towards site 1 (passed). sent_back counts connection attempts of
# site 1 that went through to the cluster IP.
watch_firewall() {
  local family s c
  {
    echo 'table inet watch {'
    for c in tried_cluster tried_node passed_cluster passed_node sent_back; do
      echo "counter ${c}4 { }"
      echo "counter ${c}6 { }"
    done
    echo 'chain inside { type filter hook prerouting priority -300;'
    for family in 4 6; do
      s=$([ $family = 4 ] && echo ip || echo ip6)
      c=$([ $family = 4 ] && echo "{ $cluster4, $second4 }" || echo "{ $cluster6, $second6 }")
      echo "iif br-lan $s saddr $c tcp dport 25 tcp flags syn / syn,ack counter name tried_cluster$family"
      echo "iif br-lan $s saddr != $c tcp dport 25 tcp flags syn / syn,ack counter name tried_node$family"
    done
    echo '}'
    echo 'chain outside { type filter hook postrouting priority 300;'
    for family in 4 6; do
      s=$([ $family = 4 ] && echo ip || echo ip6)
      c=$([ $family = 4 ] && echo "{ $cluster4, $second4 }" || echo "{ $cluster6, $second6 }")
      echo "oif wan $s saddr $c tcp flags syn / syn,ack counter name passed_cluster$family"
      echo "oif wan iif br-lan $s saddr != $c tcp dport 25 counter name passed_node$family"
      echo "oif br-lan iif wan $s daddr $c tcp flags syn / syn,ack counter name sent_back$family"
    done
    echo '}'
    echo '}'
  } | at fw nft -f -
}

# On each node: counts what it sends from the cluster IP while it does not hold it. The kernel
# itself continues connections that it had begun before the address left, and may send their SYN
# again. So new connections are counted separately: those of which no SYN was sent while the address
# was held. The node counts its own output, and so knows exactly what it holds: a capture could not
# be matched with the moves as precisely.
watch_nodes() {
  local name
  for name in node-a node-b; do
    at $name nft -f - <<RULES || return
table inet watch {
  counter not_held_syn4 { }
  counter not_held_syn6 { }
  counter not_held4 { }
  counter not_held6 { }
  set begun4 { type inet_service . ipv4_addr; size 65535; flags dynamic, timeout; timeout 60s; }
  set begun6 { type inet_service . ipv6_addr; size 65535; flags dynamic, timeout; timeout 60s; }
  chain output {
    type filter hook output priority 300;
    ip saddr { $cluster4, $second4 } fib saddr type local tcp flags syn / syn,ack update @begun4 { tcp sport . ip daddr }
    ip6 saddr { $cluster6, $second6 } fib saddr type local tcp flags syn / syn,ack update @begun6 { tcp sport . ip6 daddr }
    ip saddr { $cluster4, $second4 } fib saddr type != local tcp flags syn / syn,ack tcp sport . ip daddr != @begun4 counter name not_held_syn4
    ip6 saddr { $cluster6, $second6 } fib saddr type != local tcp flags syn / syn,ack tcp sport . ip6 daddr != @begun6 counter name not_held_syn6
    ip saddr { $cluster4, $second4 } fib saddr type != local counter name not_held4
    ip6 saddr { $cluster6, $second6 } fib saddr type != local counter name not_held6
  }
}
RULES
  done
}

# count NAME COUNTER...: the sum of the packets.
count() {
  local name=$1 counter sum=0 n
  shift
  for counter; do
    n=$(at "$name" nft list counter inet watch "$counter" | awk '$1 == "packets" { print $2 }')
    sum=$((sum + n))
  done
  echo $sum
}

zero_counters() {
  local name
  for name in fw node-a node-b; do
    at $name nft reset counters table inet watch >/dev/null
  done
}

# take NODE [second], leave NODE [second]: give the cluster IP, or the second one, to a node, or
# take it away. The IPv6 address has a preferred lifetime of 0, so that the node never chooses it by
# itself. The neighbour entries of the firewall are deleted, as by the gratuitous ARP that a cluster
# manager sends.
take() {
  local which=${2:-cluster}4 which6=${2:-cluster}6
  ip -n "$(ns "$1")" addr add "${!which}/24" dev eth0
  ip -n "$(ns "$1")" addr add "${!which6}/64" dev eth0 preferred_lft 0 nodad
  forget_neighbours "${!which}" "${!which6}"
}

leave() {
  local which=${2:-cluster}4 which6=${2:-cluster}6
  ip -n "$(ns "$1")" addr del "${!which}/24" dev eth0
  ip -n "$(ns "$1")" addr del "${!which6}/64" dev eth0
  forget_neighbours "${!which}" "${!which6}"
}

forget_neighbours() {
  ip -n "$(ns fw)" neigh flush to "$1" dev br-lan
  ip -n "$(ns fw)" -6 neigh flush to "$2" dev br-lan
}
