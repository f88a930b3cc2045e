# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# keepalived.sh - a real keepalived moves the cluster IP, by the recipe: the MTA on the node that
# gets the address delivers the mail that had waited; on the other node mail waits.

# shellcheck source=failover.sh
. "$here/failover.sh"

# guard_up NODE [CONF]: starts keepalived.
guard_up() {
  local etc
  etc=$(file "$1" /etc/keepalived)
  mkdir -p "$etc"
  cp "${2:-$examples/keepalived.conf}" "$etc/keepalived.conf"
  install -m 755 "$examples/deliver-queue.sh" "$(file "$1" /usr/local/sbin/)"
  inside "$1" keepalived --log-detail
}

# shellcheck disable=SC2016 # the inner shell's
guard_down() { inside "$1" sh -c 'kill -TERM "$(cat /run/keepalived.pid)"'; }

guard_is_gone() { [ ! -e "$(file "$1" /run/keepalived.pid)" ]; }

holds() { ip -n "$(ns "$1")" -o addr show dev eth0 | grep -q " $cluster4/"; }
holds6() { ip -n "$(ns "$1")" -o -6 addr show dev eth0 | grep -q " $cluster6/.*deprecated"; }
one_holds() { holds node-a || holds node-b; }

# rest_at NODE: sends mail on both nodes; that of NODE arrives, and the other's waits.
rest_at() {
  local active=$1 passive=$2 family
  local -A here_mail there_mail
  for family in 4 6; do
    submit "$active" "probe@$(domain $family)" && here_mail[$family]=$mail
    submit "$passive" "probe@$(domain $family)" && there_mail[$family]=$mail
  done
  for family in 4 6; do
    await 30 arrived site "${here_mail[$family]}"
    check "IPv$family: mail of the node with the address arrives" arrived site "${here_mail[$family]}"
    local -n address=cluster$family
    check "IPv$family: from the cluster IP" [ "$(seen_from site "${here_mail[$family]}")" = "$address" ]
    check "IPv$family: mail of the other node waits" not_arrived "${there_mail[$family]}"
    waiting+=("${there_mail[$family]}")
    sent+=("${here_mail[$family]}" "${there_mail[$family]}")
  done
}

not_arrived() { ! arrived site "$1"; }

run_keepalived() {
  local active passive next move i
  local delivered=0 waited
  local -a waiting=() sent=()
  topology_up && start_site && node_up node-a && node_up node-b || return
  zero_counters
  guard_up node-a
  guard_up node-b
  await 30 one_holds
  active=node-a passive=node-b
  holds node-b && active=node-b passive=node-a
  sleep 1
  check 'one node holds the address' eval "holds $active && ! holds $passive"
  check 'IPv6 with preferred lifetime 0' holds6 "$active"
  for move in 1 2 3; do
    rest_at "$active" "$passive"
    # keepalived ends on the holder, the other node takes over, and the first one comes back as the
    # second.
    guard_down "$active"
    check "move $move: $passive takes over" await 20 holds "$passive"
    next=$active active=$passive passive=$next
    for i in "${waiting[@]}"; do
      await 30 arrived site "$i"
      check "move $move: what had waited is delivered" arrived site "$i"
    done
    waiting=()
    # A keepalived that starts while the other still ends gives up.
    await 20 guard_is_gone "$passive"
    guard_up "$passive"
    sleep 1
    # If two nodes are equal, the higher address wins the election: that node may take the address
    # back.
    await 6 holds "$passive" && next=$active active=$passive passive=$next
    check "move $move: one node holds the address" await 10 eval "holds $active && ! holds $passive"
  done
  for i in "${sent[@]}"; do
    arrived site "$i" && delivered=$((delivered + 1))
  done
  waited=$(mails_with node-a deferred node-b deferred)
  name 'keepalived (VRRP)'
  cell 3 3
  cell 12 ${#sent[@]}
  cell 12 "$delivered"
  cell + "$waited"
  cell 0 $((12 - delivered))
  cell 0 "$(mails_with node-a bounced node-b bounced)"
  name $(($(mailbox site | grep -c '^Subject: probe-') - delivered))
  cell 12 "$(mails_with node-a sent node-b sent)"
  judge_counters
  end_row "failover-$job"
}

# mails_with NODE STATUS...: the number of mails with this status in the node's log.
mails_with() {
  while [ $# -gt 0 ]; do
    sed -n "s/.*: \([0-9A-Za-z]*\): to=.*status=$2.*/\1/p" "$(file "$1" /var/log/syslog)"
    shift 2
  done | sort -u | wc -l
}
