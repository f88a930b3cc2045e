# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# postfix13.sh - Debian 13's Postfix: one postfix.service, with a sandbox of its own.

# shellcheck source=host.sh
. "$jobs/host.sh"

run_postfix13() {
  topology_up && take node-a && start_site && host_up trixie/postfix postfix || return
  inside node-a systemctl start postfix
  check 'Postfix takes mail' takes_mail
  way 13 postfix.service library
}
