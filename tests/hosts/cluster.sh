# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# cluster.sh - Pacemaker and corosync on two booted hosts, with the recipes loaded as they say: one
# for two active nodes, then the one whose addresses move with the MTA. Mail leaves only from them.

# shellcheck source=host.sh
. "$jobs/host.sh"
# shellcheck source=../sites/mta-postfix.sh
. "$here/mta-postfix.sh"

# cluster_node NODE: sets up a node as pacemaker.xml says for Debian 12.
cluster_node() {
  local unit=postfix@-.service
  boot "$1" pacemaker systemd || return
  postfix_configure "$1"
  cp "$examples/postfix.conf" "$(file "$1" /etc/clusterbind.conf)"
  install -m 755 "$examples/deliver-queue.sh" "$(file "$1" /usr/local/sbin/)"
  cp "$examples/deliver-queue@.service" "$(file "$1" /etc/systemd/system/)"
  cp "$examples"/pacemaker*.xml "$(file "$1" /root)"
  cat >"$(file "$1" /etc/corosync/corosync.conf)" <<CONF
totem {
  version: 2
  cluster_name: mail
  transport: knet
  crypto_cipher: none
  crypto_hash: none
}
quorum {
  provider: corosync_votequorum
  two_node: 1
  wait_for_all: 0
}
nodelist {
  node {
    ring0_addr: ${node4[node-a]}
    name: node-a
    nodeid: 1
  }
  node {
    ring0_addr: ${node4[node-b]}
    name: node-b
    nodeid: 2
  }
}
CONF
  await 30 inside "$1" systemctl list-units >/dev/null 2>&1
  inside "$1" sh -ec "systemctl daemon-reload
    clusterbind enable $unit
    systemctl disable --now postfix.service
    systemctl start corosync pacemaker" >"$tmp/$1.up" 2>&1 || cat "$tmp/$1.up"
}

# cluster NODE COMMAND: runs a command of Pacemaker's on a node.
cluster() { inside "$@" 2>/dev/null; }

# runs_on NODE RESOURCE...: according to Pacemaker they run there.
runs_on() {
  local node=$1 other='node-a' resource
  shift
  [ "$node" != node-a ] || other='node-b'
  [ -n "${host_pid[$other]:-}" ] || other=$node
  for resource; do
    cluster "$other" crm_resource --locate --resource "$resource" | grep -qE "is running on: $node( |\$)" || return
  done
}
all_on() { runs_on "$1" cluster-ip cluster-ip6 mta queue; }
one_has_all() { all_on node-a || all_on node-b; }
both_online() { [ "$(cluster node-a crm_node -p | wc -w)" = 2 ]; }
dc_is_there() { cluster node-a crmadmin -D | grep -q node-; }

# load RECIPE: by the command that is written in it. Debian 12's unit has another name.
load() {
  inside node-a sh -ec '
    cd /root
    sed -i "s/type=\"postfix\"/type=\"postfix@-\"/" "$1"
    crm_attribute --type crm_config -n stonith-enabled -v false
    crm_attribute --type crm_config -n no-quorum-policy -v ignore
    '"$(sed -n 's/^ *\(cibadmin -[MR] .*\)/\1/p' "$examples/$1")" sh "$1"
}

# mail_leaves NODE [second]: over both families, from the cluster IP, or from the second one.
mail_leaves() {
  local family
  for family in 4 6; do
    local -n address=${2:-cluster}$family
    submit "$1" "probe@$(domain $family)"
    await 40 arrived site "$mail"
    check "IPv$family mail of $1 leaves from the cluster IP" [ "$(seen_from site "$mail")" = "$address" ]
  done
}

# says_on NODE COMMAND PATTERN: the command's output matches.
says_on() { inside "$1" sh -c "$2" 2>&1 | grep -q "$3"; }

# pair_on FIRST SECOND: the first address is on this node, and the second one on that.
pair_on() { runs_on "$1" first-ip first-ip6 first-queue && runs_on "$2" second-ip second-ip6 second-queue; }
mta_on_both() { runs_on node-a mta && runs_on node-b mta; }
holds_nothing() { ! inside "$1" ip -o addr show dev eth0 | grep -qF -e "$cluster4/" -e "$second4/" -e "$cluster6/" -e "$second6/"; }
nobody_holds_them() { holds_nothing node-a && holds_nothing node-b; }

# two_active_nodes: pacemaker-pair.xml, until its resources are deleted again.
two_active_nodes() {
  local node waiting
  for node in node-a node-b; do
    cp "$examples/active-active.conf" "$(file $node /etc/clusterbind.conf)"
  done
  check 'pacemaker-pair.xml is loaded' load pacemaker-pair.xml || return
  check 'each node has its address' await 60 pair_on node-a node-b
  check 'the MTA runs on both' await 60 mta_on_both
  mail_leaves node-a
  mail_leaves node-b second
  # The MTA goes on running on a node that has lost its address, and its mail waits.
  cluster node-a crm_resource --ban --resource second-ip-group --node node-b >/dev/null
  check 'one node holds both addresses' await 60 pair_on node-a node-a
  check 'and the MTA still runs on both' mta_on_both
  mail_leaves node-a
  submit node-b "probe@$(domain 4)"
  waiting=$mail
  check 'a node without an address keeps its mail' await 30 says_on node-b 'postqueue -j' 'Cannot assign requested address'
  cluster node-a crm_resource --clear --resource second-ip-group >/dev/null
  check 'it gets its address back' await 60 pair_on node-a node-b
  check 'what had waited there is delivered' await 60 arrived site "$waiting"
  check 'from its own address' [ "$(seen_from site "$waiting")" = "$second4" ]
  mail_leaves node-b second
  inside node-a cibadmin -R -o configuration -X '<constraints/>'
  inside node-a cibadmin -R -o resources -X '<resources/>'
  check 'nobody holds an address of deleted resources' await 60 nobody_holds_them
  for node in node-a node-b; do
    cp "$examples/postfix.conf" "$(file $node /etc/clusterbind.conf)"
  done
}

# swap: the other node is now the active one.
swap() { local node=$active; active=$passive passive=$node; }

run_cluster() {
  local active=node-a passive=node-b waiting
  topology_up && start_site && cluster_node node-a && cluster_node node-b || return
  zero_counters
  check 'both nodes are in the cluster' await 60 both_online || return
  await 40 dc_is_there
  two_active_nodes
  check 'the recipe is loaded' load pacemaker.xml || return
  check 'one node has all of it' await 60 one_has_all || return
  all_on node-b && swap
  check 'the MTA does not run on the other' eval '! inside $passive systemctl -q is-active postfix@-'
  check 'it is under the rules' says_on $active 'clusterbind status postfix@-' 'verdict: all covered'
  check 'enable --now leaves a restart to Pacemaker' says_on $active \
    'clusterbind enable --now postfix@-' 'Pacemaker holds postfix@-.service: .* crm_resource --restart'
  mail_leaves $active
  # Mail that waits on the other node is delivered when the addresses are there.
  submit $passive "probe@$(domain 4)"
  waiting=$mail
  cluster $active crm_standby -N $active -v on
  check 'a node in standby gives all to the other' await 60 all_on $passive
  swap
  check 'what had waited there is delivered' await 30 arrived site "$waiting"
  mail_leaves $active
  cluster $active crm_standby -N $passive -D
  sleep 2
  all_on $active || swap # it may move back
  check 'both nodes are back, and one has all' await 60 all_on $active
  # The MTA fails.
  inside $active sh -c 'kill -KILL "$(cat /var/spool/postfix/pid/master.pid)"'
  cluster $active crm_resource --fail --resource mta --node $active
  check 'an MTA that has failed is started again' await 60 eval "all_on $active && inside $active postfix status"
  mail_leaves $active
  # A node fails suddenly.
  ip -n "$(ns fw)" link set "to-$active" down
  end_host $active
  ip -n "$(ns $active)" addr flush dev eth0
  check 'the other node takes over from a dead one' await 60 all_on $passive
  swap
  mail_leaves $active
  check 'nothing tried to leave from a node address' [ "$(count fw tried_node4 tried_node6 passed_node4 passed_node6)" = 0 ]
}
