# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# kernel.sh - Debian's Exim, started by a script in /etc/init.d: the rules are in the kernel, for
# the unit's group. This needs no restart, and no mode or macro of Exim's.

# shellcheck source=host.sh
. "$jobs/host.sh"

run_kernel() {
  local pid command rules
  topology_up && take node-a && start_site && host_up exim exim || return
  inside node-a systemctl restart exim4
  check 'Exim takes mail' takes_mail
  pid=$(inside node-a cat /run/exim4/exim.pid)
  way 12 exim4.service kernel
  check 'no restart was needed' [ "$(inside node-a cat /run/exim4/exim.pid)" = "$pid" ]
  # Without --now it takes effect at the next start.
  says 0 'to take effect|written' clusterbind enable exim4
  says 1 'not in the kernel for its group' clusterbind status exim4
  inside node-a systemctl restart exim4
  check 'Exim takes mail' takes_mail
  says 0 'verdict: all covered' clusterbind status exim4
  check 'from the cluster IP' [ "$(source_of 4)" = "$cluster4" ]
  # The running group takes over new rules.
  echo '# newer' >>"$(file node-a /etc/clusterbind.conf)"
  says 1 'the kernel has older rules' clusterbind status exim4
  says 0 'attached to the running group' clusterbind enable --now exim4
  says 0 'verdict: all covered' clusterbind status exim4
  # A static program, by the command that the wrapper shows, with its own rules.
  cp "$build/tests/kernel/kernel-try" "$(file node-a /usr/local/bin/)"
  says 126 'by kernel, as root: systemd-run' clusterbind-run -r "bind $cluster4 to any port 2525" kernel-try
  command=$(sed -n 's/.*by kernel, as root: //p' "$tmp/said")
  says 0 "^$cluster4\$" sh -c "$command ${node4[node-a]} 2525"
  # And by those that doctor shows.
  for rules in '' '-c /etc/clusterbind.conf'; do
    # shellcheck disable=SC2086 # words
    says 1 ' one start: systemd-run' clusterbind doctor $rules kernel-try
    command=$(sed -n 's/.* one start: //p' "$tmp/said")
    says 0 "^$cluster4\$" sh -c "$command ${node4[node-a]} 587"
  done
  says 0 "^${node4[node-a]}\$" kernel-try "${node4[node-a]}" 2525
  # With a wrong rule file the unit does not start.
  echo 'bind nonsense' >>"$(file node-a /etc/clusterbind.conf)"
  says 1 . systemctl restart exim4
}
