# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# failover.sh - Postfix on both nodes, under load, while the cluster IP moves between them. The mail
# of the passive node waits in its queue, and no mail is lost.

# shellcheck source=mta-postfix.sh
. "$here/mta-postfix.sh"

moves=40          # 20 times to the other node and back
mails=300         # for each node
pause=0.1         # seconds between two mails

# node_up NODE: Postfix set up by the recipe, with retry times and timeouts that suit a test.
node_up() {
  boot "$1" postfix || return
  postfix_configure "$1"
  inside "$1" postconf -e enable_long_queue_ids=yes \
    queue_run_delay=2s minimal_backoff_time=2s maximal_backoff_time=4s \
    smtp_connect_timeout=5s smtp_helo_timeout=5s smtp_mail_timeout=5s smtp_rcpt_timeout=5s \
    smtp_data_init_timeout=5s smtp_data_xfer_timeout=5s smtp_data_done_timeout=5s
  cp "$examples/postfix.conf" "$examples/postfix.sh" "$examples/recipe.sh" "$(file "$1" /root)"
  inside "$1" sh -c 'cd /root && sh postfix.sh' >"$tmp/$1.start" 2>&1 || cat "$tmp/$1.start"
  await 20 inside "$1" busybox nc -w 1 127.0.0.1 25 </dev/null >/dev/null 2>&1
}

send_load() {
  timeout 180 nsenter --target "${host_pid[$1]}" --mount --net --pid --root -- \
    env --chdir=/ bash -s "$1" "$2" "$pause" <"$here/load.sh" >"$tmp/$1.accepted" 2>"$tmp/$1.load"
}

# It looks twice, because showq reads one folder after the other: it may miss mails that a flush
# moves between folders at that moment.
queue_is_empty() {
  local queue
  for _ in 1 2; do
    queue=$(inside "$1" postqueue -j) && [ -z "$queue" ] || return
    sleep 0.3
  done
}

# drain NODE: waits until its queue is empty. Flushes as after a move of the address: a mail that
# the queue manager met while it was being deferred would wait for the next new mail.
drain() {
  local i
  for i in 1 2 3 4 5 6; do
    inside "$1" postqueue -f
    await 10 queue_is_empty "$1" && return
  done
}

# The cluster IP moves at random moments. Between two moves, no node may have it for a while.
move_about() {
  local holder=node-a other=node-b next i
  seed=${SITES_SEED:-$((SRANDOM % 32768))}
  echo "       $job: random seed $seed (SITES_SEED=$seed repeats it)"
  RANDOM=$seed
  for ((i = 0; i < moves; i++)); do
    sleep "$((RANDOM % 2)).$((RANDOM % 10))"
    leave $holder
    sleep "0.$((RANDOM % 4))"
    take $other
    next=$holder holder=$other other=$next
  done
}

# account: compares every accepted mail with the logs of the queues and with site 1's mailbox. If a
# delivery breaks off after the end of the data, the queue says that the mail "may be sent more than
# once". If one breaks off while the data is being sent, the kernel may still deliver all of it. A
# mail may arrive again as often as that, and no more. If a session with TLS breaks off, the same
# delivery tries again without TLS: the log line of the first attempt has no recipient.
account() {
  local node
  for node in node-a node-b; do
    cat "$(file $node /var/log/syslog)"
  done | sed -n -e 's/.*postfix\/[a-z]*\[[0-9]*\]: \([0-9A-Za-z]*\): to=.*status=/\1 /p' \
    -e 's/.*postfix\/smtp\[[0-9]*\]: \([0-9A-Za-z]*\): \(.*while .*\)/\1 again \2/p' >"$tmp/log"
  mailbox site | sed -n 's/^Subject: load-/load-/p' >"$tmp/arrived"
  cat "$tmp"/*.accepted >"$tmp/accepted"
  : >"$tmp/odd"
  awk -v odd_mails="$tmp/odd" '
    FILENAME ~ /log$/ {
      if ($2 == "sent") sent[$1]++
      else if ($2 == "bounced") bounced++
      else if ($2 == "deferred") deferred[$1] = 1
      if (/may be sent more than once|while sending message body/) again[$1]++
      next
    }
    FILENAME ~ /arrived$/ { got[$1]++; next }
    {
      accepted++
      if (!got[$1]) lost++
      else delivered++
      if ($2 in deferred) waited++
      if (got[$1] > sent[$2] + again[$2] || sent[$2] != 1) {
        odd++
        printf "%s came %d times, sent %d times\n", $2, got[$1], sent[$2] > odd_mails
      }
      if (got[$1] > 1) twice++
    }
    END { print accepted + 0, delivered + 0, waited + 0, lost + 0, bounced + 0, twice + 0, odd + 0 }
  ' "$tmp/log" "$tmp/arrived" "$tmp/accepted"
}

# show_odd: prints what the logs of the queues and of site 1 say about mails that arrived too often.
show_odd() {
  local id rest node there
  while read -r id rest; do
    echo "       $job: $id $rest"
    for node in node-a node-b; do grep -h "$id: " "$(file $node /var/log/syslog)"; done
    sed -n "s/.*: \([0-9A-F]*\): message-id=<$id@.*/\1/p" "$(file site /var/log/syslog)" |
      while read -r there; do grep -h "$there: " "$(file site /var/log/syslog)"; done
  done <"$tmp/odd"
}

# both_nodes COUNTER...: the sum for both nodes in this run.
both_nodes() { echo $(($(count node-a "$@") + $(count node-b "$@"))); }

# judge_counters: checks the attempts from a node's address, at the firewall, and what a node sends
# from the cluster IP while it does not hold it: new connections, and all packets. The latter belong
# to connections that were open when the address left; the kernel sends them.
judge_counters() {
  cell 0 "$(count fw tried_node4 tried_node6 passed_node4 passed_node6)"
  cell 0 "$(both_nodes not_held_syn4 not_held_syn6)"
  name "$(both_nodes not_held4 not_held6)"
}

failover() {
  local node accepted delivered waited lost bounced twice odd
  local -a loads=()
  for node in node-a node-b; do
    send_load $node $mails &
    loads+=($!)
  done
  move_about
  wait "${loads[@]}"
  # After an even number of moves node-a holds the address. Then it is node-b's turn.
  drain node-a
  leave node-a
  take node-b
  drain node-b
  drain site
  read -r accepted delivered waited lost bounced twice odd < <(account)
  name "$1"
  cell $((moves + 1)) $((moves + 1))
  cell $((mails * 2)) "$accepted"
  cell "$accepted" "$delivered"
  cell + "$waited"
  cell 0 "$lost"
  cell 0 "$bounced"
  name "$twice"
  cell $((mails * 2)) $((accepted - odd))
  judge_counters
  end_row "failover-$job"
  show_odd
  check 'the passive nodes deferred, each' \
    eval 'deferred_for_want_of_address node-a && deferred_for_want_of_address node-b'
}

deferred_for_want_of_address() {
  grep -q 'status=deferred.*Cannot assign requested address' "$(file "$1" /var/log/syslog)"
}

run_failover() {
  topology_up && take node-a && start_site && node_up node-a && node_up node-b || return
  zero_counters
  failover 'ip addr'
}
