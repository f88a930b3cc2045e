# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# postfix13.sh - Debian 13's Postfix: a single postfix.service, which has a sandbox.

# shellcheck source=host.sh
. "$jobs/host.sh"
# shellcheck source=handover.sh
. "$jobs/handover.sh"

run_postfix13() {
  topology_up && take node-a && start_site && host_up trixie/postfix postfix || return
  inside node-a systemctl start postfix
  check 'Postfix takes mail' takes_mail
  way 13 postfix.service library
  hand_overs
  logs_hand_over
  # Under the conditions of Debian 13's postfix-script.
  refused postfix.service postfix start
  refused postfix.service postfix -c /etc/postfix -v start
  says 126 'clusterbind enable --now postfix@out.service' env MAIL_CONFIG=/etc/postfix-out \
    sh -c 'mkdir -p /etc/postfix-out && cp /etc/postfix/main.cf /etc/postfix-out && clusterbind-run postfix start'
  inside node-a systemctl stop postfix
  not_refused timeout 3 clusterbind-run postfix start-fg
  not_refused env INVOCATION_ID=1 clusterbind-run postfix status
  not_refused clusterbind-run postfix -c /etc/elsewhere start
}
