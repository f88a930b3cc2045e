# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# postfix12.sh - Debian 12's Postfix: postfix@-, an instance of a template, and a second one.

# shellcheck source=host.sh
. "$jobs/host.sh"

run_postfix12() {
  topology_up && take node-a && start_site && host_up postfix postfix || return
  inside node-a systemctl start postfix
  check 'Postfix takes mail' takes_mail
  says 1 'postfix@-.service; do: clusterbind enable postfix@-.service' clusterbind enable postfix
  way 12 postfix@-.service library
}
