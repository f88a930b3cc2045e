# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# postfix12.sh - Debian 12's Postfix: postfix@-, which is an instance of a template, and a second
# one.

# shellcheck source=host.sh
. "$jobs/host.sh"
# shellcheck source=handover.sh
. "$jobs/handover.sh"
# shellcheck source=transports.sh
. "$jobs/transports.sh"

# audits: the unit that watches the host reports a leak once, and not once a second.
audits() {
  firewall drop
  says 0 . sh -c 'systemctl start clusterbind-audit && echo started'
  give "probe@$(domain 4)"
  check 'clusterbind-audit tells the leak' await 20 told
  sleep 4
  check 'in one line' [ "$(leaks_told)" = 1 ]
  says 0 '^active$' systemctl is-active clusterbind-audit
  inside node-a systemctl stop clusterbind-audit
  says 3 '^inactive$' systemctl is-active clusterbind-audit # and not `failed'
  inside node-a postsuper -d ALL >/dev/null 2>&1
}
leaks_told() {
  inside node-a journalctl --no-pager -u clusterbind-audit |
    grep -c "leak: smtp (pid [0-9]*): ${node4[node-a]}:.* should be $cluster4"
}
told() { [ "$(leaks_told)" -gt 0 ]; }

run_postfix12() {
  topology_up && take node-a && take node-a second && start_site && host_up postfix postfix || return
  inside node-a systemctl start postfix
  check 'Postfix takes mail' takes_mail
  says 1 'postfix@-.service; do: clusterbind enable postfix@-.service' clusterbind enable postfix
  audits
  way 12 postfix@-.service library
  transport_of_its_own postfix@-.service
  content_filter postfix@-.service
  # Debian 12's postfix-script starts Postfix itself, whereas its init script uses systemd.
  inside node-a systemctl stop postfix
  says 126 'clusterbind enable --now postfix.service' clusterbind-run /etc/init.d/postfix start
  not_refused env SYSTEMCTL_SKIP_REDIRECT=1 clusterbind-run /etc/init.d/postfix status
  check 'clusterbind-run postfix start' inside node-a clusterbind-run postfix start
  check 'it takes mail' takes_mail
  check 'from the cluster IP' [ "$(source_of 4)" = "$cluster4" ]
}
