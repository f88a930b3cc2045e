# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# handover.sh - programs that let systemd start others: clusterbind-run refuses them, and the
# library logs it if a followed program does so. Runs in a host that is already up.

# refused UNIT COMMAND...: the wrapper refuses the command, and names the unit.
refused() {
  local unit=$1
  shift
  says 126 "clusterbind enable --now $unit" clusterbind-run "$@"
}

# not_refused COMMAND...: the wrapper starts it, whatever it does then.
not_refused() {
  inside node-a "$@" >"$tmp/said" 2>&1 </dev/null
  check "not refused: $*" eval '! grep -q "would start" "$tmp/said"'
}

hand_overs() {
  refused cron.service systemctl start cron
  refused cron.service /usr/bin/systemctl --no-block restart cron.service
  refused cron.service systemctl reload-or-restart cron
  refused cron.service service cron restart
  refused cron.service invoke-rc.d --quiet cron start
  refused UNIT systemd-run sleep 1
  not_refused clusterbind-run systemctl status cron
  not_refused clusterbind-run systemctl is-active cron
  not_refused clusterbind-run systemd-run --scope true
  not_refused clusterbind-run --force systemctl start nonsense.service
}

# logs_hand_over: a script that is followed starts a unit, which is logged.
logs_hand_over() {
  inside node-a clusterbind-run sh -c 'systemctl start nonsense.service; :' >/dev/null 2>&1
  check 'the library logs that' await 10 logged_hand_over
}
logged_hand_over() {
  inside node-a journalctl --no-pager -t clusterbind 2>/dev/null |
    grep -q 'sh: has systemd start nonsense.service, which goes without these rules'
}
