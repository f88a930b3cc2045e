# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# pacemaker.sh - the recipes for Pacemaker. Its tools accept them, and start the MTA on the node of
# the cluster IP and after it; its agents set the addresses and start the MTA. The tests of booted
# hosts run a whole cluster.

# shellcheck source=mta-postfix.sh
. "$here/mta-postfix.sh"

# A file with a cluster of two nodes, into which the recipe is loaded as it says.
cluster_file() {
  local recipe=$examples/${1:-pacemaker.xml}
  cp "$recipe" "$(file node-a /root)"
  inside node-a sh -ec '
    cd /root
    export CIB_file=/root/cib.xml
    cibadmin --empty >cib.xml
    crm_attribute --type crm_config -n stonith-enabled -v false
    crm_attribute --type crm_config -n no-quorum-policy -v ignore
    cibadmin -o nodes -C -X "<node id=\"1\" uname=\"node-a\"/>"
    cibadmin -o nodes -C -X "<node id=\"2\" uname=\"node-b\"/>"
    '"$(sed -n 's/^ *\(cibadmin -M .*\)/\1/p' "$recipe")"
}

# simulate OPTION...: writes what Pacemaker would do to $tmp/simulated.
simulate() { inside node-a crm_simulate -S "$@" >"$tmp/simulated" 2>&1; }

# on NODE: in the end, all four resources are on this node.
on() { [ "$(sed -n '/^Revised/,$p' "$tmp/simulated" | grep -cE "^ *\* (cluster-ip6?|mta|queue)[[:space:]]+\(.*Started $1")" = 4 ]; }

# in_order: the addresses come first, then the MTA, and the delivery of waiting mail last.
in_order() {
  [ "$(sed -n 's/.*Resource action: \([a-z0-9-]*\) *start on.*/\1/p' "$tmp/simulated" | tr '\n' ' ')" = \
    'cluster-ip cluster-ip6 mta queue ' ]
}

stops_nothing() { ! grep -q 'Resource action: [a-z0-9-]* *stop on' "$tmp/simulated"; }
restarts_mta() {
  grep -q 'Resource action: mta *start on node-a' "$tmp/simulated" &&
    ! grep -q 'Resource action: cluster-ip6\{0,1\} *stop on' "$tmp/simulated"
}

# runs_on NODE RESOURCE...: in the end, they run on this node.
runs_on() {
  local node=$1 resource
  shift
  for resource; do
    sed -n '/^Revised/,$p' "$tmp/simulated" |
      grep -qE "^ *\* ${resource}[[:space:]]+\(.*Started $node" || return
  done
}
runs_on_both() { sed -n '/^Revised/,$p' "$tmp/simulated" | grep -q 'Started: \[ node-a node-b \]'; }

# The recipe for two active nodes.
two_active_nodes() {
  check 'Pacemaker loads pacemaker-pair.xml' cluster_file pacemaker-pair.xml
  check 'and finds nothing wrong' inside node-a crm_verify -V -x /root/cib.xml
  simulate -x /root/cib.xml -u node-a -u node-b -O /root/up.xml
  check 'node-a has the first address' runs_on node-a first-ip first-ip6 first-queue
  check 'node-b has the second' runs_on node-b second-ip second-ip6 second-queue
  check 'the MTA runs on both' runs_on_both
  simulate -x /root/up.xml -d node-a
  check 'after a failure one has both' runs_on node-b first-ip first-ip6 first-queue second-ip second-ip6 second-queue
}

# The MTA run by ocf:heartbeat:postfix: in the order of the group, and under the library.
by_ocf() {
  local recipe=$examples/pacemaker-ocf.xml family
  cp "$recipe" "$(file node-a /root)"
  cp "$examples/postfix.conf" "$(file node-a /etc/clusterbind.conf)"
  postfix_configure node-a
  check 'the lines of pacemaker-ocf.xml work' inside node-a sh -ec "cd /root; export CIB_file=/root/cib.xml
    $(sed -n -e 's/^ *\(cibadmin -R .*\)/\1/p' -e 's/^ *\(printf .*\)/\1/p' -e 's/^ *\(chmod .*\)/\1/p' "$recipe")"
  check 'Pacemaker finds nothing wrong' inside node-a crm_verify -V -x /root/cib.xml
  simulate -x /root/cib.xml -u node-a -u node-b
  check 'that MTA is where the addresses are' on node-a
  check 'and starts after them' in_order
  for family in mta cluster-ip cluster-ip6; do check "its agent starts $family" agent $family start; done
  for family in 4 6; do
    local -n address=cluster$family
    submit node-a "probe@$(domain $family)"
    await 30 arrived site "$mail"
    check "IPv$family mail leaves from the cluster IP" [ "$(seen_from site "$mail")" = "$address" ]
  done
  check 'the agent stops the MTA' agent mta stop
}

agent() { inside node-a env CIB_file=/root/cib.xml crm_resource --resource "$1" "--force-$2"; }
has() { ip -n "$(ns node-a)" -o addr show dev eth0 | grep -q "$1"; }

run_pacemaker() {
  topology_up && start_site && boot node-a pacemaker || return
  check 'Pacemaker loads pacemaker.xml' cluster_file
  check 'and finds nothing wrong' inside node-a crm_verify -V -x /root/cib.xml
  simulate -x /root/cib.xml -u node-a -u node-b -O /root/up.xml
  check 'the MTA is where the addresses are' on node-a
  check 'and starts after them' in_order
  simulate -x /root/up.xml -d node-a
  check 'they move together' on node-b
  check 'in the same order' in_order
  simulate -x /root/up.xml -d node-a -O /root/lost.xml
  simulate -x /root/lost.xml -u node-a -O /root/back.xml
  check 'a node that comes back: each of them is on one node' on 'node-[ab]'
  simulate -x /root/up.xml -d node-b -O /root/alone.xml
  simulate -x /root/alone.xml -u node-b
  check 'a reboot of the passive node moves nothing' on node-a
  check 'and stops nothing' stops_nothing
  simulate -x /root/up.xml -i mta_monitor_30000@node-a=7
  check 'an MTA that has failed is started again, where the addresses are' on node-a
  check 'by a restart of it alone' restarts_mta
  check 'IPaddr2 sets the address' agent cluster-ip start
  check 'IPv4' has " $cluster4/24 "
  check 'IPaddr2 sets the IPv6 address' agent cluster-ip6 start
  check 'with preferred lifetime 0' has " $cluster6/64 .*deprecated"
  check 'and takes it away' agent cluster-ip6 stop
  check 'IPv6 is gone' eval "! has ' $cluster6/64 '"
  by_ocf
  two_active_nodes
}
