# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# mtas13.sh - the recipes on Debian 13, and its Exim with rules in the kernel.

# shellcheck source=mtas.sh
. "$jobs/mtas.sh"

run_mtas13() {
  topology_up && take node-a && start_site || return
  firewall open
  by_recipe 13 trixie/postfix postfix postfix.service postfix.sh
  by_recipe 13 trixie/exim exim exim4 exim.sh
  host_up trixie/exim exim || return
  inside node-a systemctl restart exim4
  check 'Exim takes mail' takes_mail
  way 13 exim4.service kernel --kernel
}
