# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# mta.sh - one MTA on node-a, which holds the cluster IP: without the library; with the library,
# loaded in each of the possible ways; and with /etc/ld.so.preload.

# node_up: makes a new host with the MTA set up but not started.
node_up() {
  boot node-a "$mta" || return
  mkdir -p "$(file node-a /usr/share/doc/libclusterbind/examples)"
  cp -r "$examples/." "$(file node-a /usr/share/doc/libclusterbind/examples/)"
  "${mta}_configure" node-a
}

# recipe SCRIPT: runs a script of config/examples unchanged.
# shellcheck disable=SC2016 # the inner shell's
recipe() { inside node-a sh -c 'cd /usr/share/doc/libclusterbind/examples && exec sh "$1"' sh "$1"; }

listening() { inside node-a busybox nc -w 1 "$1" 25 </dev/null >/dev/null 2>&1; }

# takes_mail ADDRESS: waits until the MTA listens there. The command that starts it returns earlier,
# and mail that is submitted before may be refused.
takes_mail() { check "$mta takes mail" await 20 listening "$1"; }

# verdict FAMILY MAIL: what became of the mail.
verdict() {
  if arrived site "$2"; then
    echo arrived
  elif "${mta}_queued" node-a "$(domain "$1")"; then
    echo queued
  else
    echo gone
  fi
}

# row_head FAMILY LOADING FIREWALL
row_head() { name "$mta" "IPv$1" "$2" "$3"; }

# row_counters FAMILY CLUSTER NODE: the connection attempts that the firewall saw from the cluster
# IP and from the node, and how many of the node's it let through, which is always 0.
row_counters() {
  cell "$2" "$(count fw "tried_cluster$1")"
  cell "$3" "$(count fw "tried_node$1")"
  cell 0 "$(count fw "passed_node$1")"
  end_row "mta-$job"
}

tried_more() { [ "$(count fw "tried_node$1")" -gt "$2" ]; }

# Without the library nothing arrives: the firewall first drops, then rejects.
without() {
  local family before
  local -A sent
  node_up && "${mta}_start" node-a && takes_mail ::1 || return
  firewall drop
  zero_counters
  for family in 4 6; do
    submit node-a "probe@$(domain $family)"
    sent[$family]=$mail
  done
  for family in 4 6; do
    await 20 tried_more $family 0
    row_head $family none drop
    cell queued "$(verdict $family "${sent[$family]}")"
    cell - "$(seen_from site "${sent[$family]}" | grep . || echo -)"
    row_counters $family 0 +
  done
  before=([4]=$(count fw tried_node4) [6]=$(count fw tried_node6))
  firewall reject
  for family in 4 6; do
    await 20 tried_more $family "${before[$family]}"
  done
  sleep 2 # time for another verdict than `queued'
  for family in 4 6; do
    row_head $family none reject
    cell queued "$(verdict $family "${sent[$family]}")"
    cell - "$(seen_from site "${sent[$family]}" | grep . || echo -)"
    row_counters $family 0 +
  done
  end_host node-a
}

# deliver LOADING FIREWALL: mail arrives over both families, from the cluster IP.
deliver() {
  local family address
  local -A sent
  firewall "$2"
  zero_counters
  for family in 4 6; do
    submit node-a "probe@$(domain $family)"
    sent[$family]=$mail
  done
  for family in 4 6; do
    address=cluster$family
    await 30 arrived site "${sent[$family]}"
    row_head $family "$1" "$2"
    cell arrived "$(verdict $family "${sent[$family]}")"
    cell "${!address}" "$(seen_from site "${sent[$family]}" | grep . || echo -)"
    row_counters $family + 0
  done
}

# stuck LOADING FIREWALL CLUSTER NODE: mail arrives over neither family. CLUSTER and NODE are as in
# row_counters.
stuck() {
  local family
  local -A sent
  firewall "$2"
  zero_counters
  for family in 4 6; do
    submit node-a "probe@$(domain $family)"
    sent[$family]=$mail
  done
  [ "$4" = 0 ] || for family in 4 6; do await 20 tried_more $family 0; done
  sleep 3
  for family in 4 6; do
    row_head $family "$1" "$2"
    cell queued "$(verdict $family "${sent[$family]}")"
    cell - "$(seen_from site "${sent[$family]}" | grep . || echo -)"
    if [ "$2" = open ]; then
      # If the firewall is open, only the far end shows where mail comes from.
      cell "$3" "$(count fw "tried_cluster$family")"
      cell "$4" "$(count fw "tried_node$family")"
      cell "$4" "$(count fw "passed_node$family")"
      end_row "mta-$job"
    else
      row_counters $family "$3" "$4"
    fi
  done
}

# The opposite direction: from site 1 to the cluster IP.
receive() {
  local family
  zero_counters
  for family in 4 6; do
    submit site "probe@v$family.cluster.example"
    await 30 arrived node-a "$mail"
    check "mail from site 1 to the cluster IP arrives, IPv$family, by $1" arrived node-a "$mail"
    check "and the firewall let it through, IPv$family" [ "$(count fw "sent_back$family")" -gt 0 ]
  done
}

# with LOADING SCRIPT: with one of the recipes, which may be run a second time.
with() {
  local started=0 time
  node_up || return
  for time in first second; do
    recipe "$2" >"$tmp/recipe.out" 2>&1 || started=$?
    check "$2 starts it, the $time time" [ $started = 0 ] || cat "$tmp/recipe.out"
    takes_mail ::1
  done
  deliver "$1" drop
  receive "$1"
  end_host node-a
}

# unlisted RULES: a program that "only" does not name connects as without the library.
unlisted() {
  local family there address
  zero_counters
  for family in 4 6; do
    there=site$family
    address=node$family
    local -n own=$address
    inside node-a timeout 10 bash -c "exec 3<>/dev/tcp/${!there}/25 && read -r -t 5 banner <&3" \
      >/dev/null 2>&1
    name "bash, not listed" "IPv$family" "ld.so.preload, $1" open
    cell connected "$([ "$(count fw "passed_node$family")" -gt 0 ] && echo connected || echo failed)"
    cell "${own[node-a]}" "$(site_connects_from "${own[node-a]}")"
    cell 0 "$(count fw "tried_cluster$family")"
    cell + "$(count fw "tried_node$family")"
    cell + "$(count fw "passed_node$family")"
    end_row "mta-$job"
  done
}

# site_connects_from ADDRESS: site 1 has seen a connection from it.
site_connects_from() {
  await 5 grep -qF "connect from unknown[$1]" "$(file site /var/log/syslog)" && echo "$1" || echo -
}

# /etc/ld.so.preload: the MTA is started as usual, and nothing else is changed. Then the same with
# rules that have an error after their "only".
preloaded() {
  node_up || return
  recipe only.sh >"$tmp/recipe.out" 2>&1 || cat "$tmp/recipe.out"
  recipe only.sh >"$tmp/recipe.out" 2>&1 || cat "$tmp/recipe.out"
  "${mta}_start" node-a
  takes_mail ::1
  deliver 'ld.so.preload' reject
  firewall open
  unlisted 'only'
  end_host node-a

  node_up || return
  recipe only.sh >"$tmp/recipe.out" 2>&1 || cat "$tmp/recipe.out"
  echo 'bind nonsense' >>"$(file node-a /etc/clusterbind.conf)"
  "${mta}_start" node-a
  takes_mail ::1
  stuck 'ld.so.preload, wrong rules' open 0 0
  unlisted 'wrong rules'
  end_host node-a
}

run_mta() {
  # shellcheck source=/dev/null
  . "$here/mta-$mta.sh"
  topology_up && take node-a && start_site || return
  without || return
  "${mta}_ways" || return
  preloaded || return
}
