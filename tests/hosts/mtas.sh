# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# mtas.sh - the recipes, exactly as written, on hosts that systemd has booted.

# shellcheck source=host.sh
. "$jobs/host.sh"

# waits_for_address: while the address is not here, mail stays in the queue; deliver-queue.sh has it
# delivered when the address has come.
waits_for_address() {
  local before
  await 30 is_idle # what is connected goes on
  leave node-a
  before=$(connects)
  give "probe@$(domain 4)"
  sleep 3
  check "$mta: without the address nothing leaves" [ "$(connects)" = "$before" ]
  [ "$mta" != opensmtpd ] || check 'OpenSMTPD disables the route' await 40 route_is_disabled
  take node-a
  install -m 755 "$examples/deliver-queue.sh" "$(file node-a /usr/local/sbin/)"
  inside node-a deliver-queue.sh
  await 30 arrived site "$mail"
  check "$mta: deliver-queue.sh has it delivered" [ "$(seen_from site "$mail")" = "$cluster4" ]
}

# has_helo_name UNIT TAKER: with the setting that the recipe names, the far end is greeted by the
# cluster's name.
has_helo_name() {
  "${mta}_helo" node-a
  inside node-a systemctl restart "$1" "$2"
  takes_mail
  give "probe@$(domain 4)"
  await 30 arrived site "$mail"
  check "$mta: the HELO name is the cluster's" [ "$(helo_of site "$mail")" = cluster.example ]
}

# route_is_disabled: OpenSMTPD no longer uses the route, after some more errors.
route_is_disabled() {
  inside node-a smtpctl schedule all >/dev/null
  sleep 1
  inside node-a smtpctl show routes | grep -q ' [N-]D[Q-][K-] '
}

# by_recipe DEBIAN ROOT MTA UNIT SCRIPT: runs the recipe twice, sends mail over both families, and
# tests disable and enable.
by_recipe() {
  local debian=$1 root=$2 mta=$3 unit=$4 script=$5 taker=$4 time status
  local -A before enabled disabled
  host_up "$root" "$mta" || return
  # The unit that accepts mail: it stops with the other one but does not start with it.
  [ "$mta" != courier ] || taker=courier-mta.service
  inside node-a systemctl restart "$unit" "$taker"
  check "$unit takes mail" takes_mail || return
  sources before
  mkdir -p "$(file node-a /usr/share/doc/libclusterbind/examples)"
  cp -r "$examples/." "$(file node-a /usr/share/doc/libclusterbind/examples/)"
  for time in first second; do
    check "$script, the $time time" inside node-a sh -c "cd /usr/share/doc/libclusterbind/examples && sh $script"
    check "$unit takes mail" takes_mail
  done
  status=$(verdict "$unit")
  sources enabled
  waits_for_address
  has_helo_name "$unit" "$taker"
  # With a wrong rule file the unit does not start.
  inside node-a systemctl stop "$unit"
  echo 'bind nonsense' >>"$(file node-a /etc/clusterbind.conf)"
  says 1 . systemctl start "$unit"
  cp "$examples/$mta.conf" "$(file node-a /etc/clusterbind.conf)"
  inside node-a sh -c 'cd /etc/systemd/system && for unit in *.d/zz-clusterbind.conf; do
    clusterbind disable "${unit%.d/*}"; done; [ "$1" != exim4 ] || rm /etc/exim4/exim4.conf.localmacros' sh "$unit"
  start_again "$unit" "$taker"
  takes_mail
  sources disabled
  source_rows "$debian" "$unit" "$script" cluster "$status"
  end_host node-a
}

run_mtas() {
  topology_up && take node-a && start_site || return
  firewall open
  by_recipe 12 opensmtpd opensmtpd opensmtpd opensmtpd.sh
  by_recipe 12 sendmail sendmail sendmail sendmail.sh
  by_recipe 12 exim exim exim4 exim.sh
  by_recipe 12 postfix postfix postfix@-.service postfix.sh
  by_recipe 12 courier courier courier.service courier.sh
}
