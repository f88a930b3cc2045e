# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# eximhost.sh - Exim under rules in the kernel for the whole host, by exim-host.sh. This includes
# mail that other programs give to `sendmail', which Exim delivers in the groups of those programs.

# shellcheck source=host.sh
. "$jobs/host.sh"

# hand_in SUBJECT [SENDER]: a shell command that gives a mail to sendmail.
hand_in() {
  # One line, for cron.
  printf '%s\n' "printf 'Subject: $1\\n\\nbody\\n' | \
    /usr/sbin/sendmail -f ${2:-probe}@cluster.example probe@$(domain 4)"
}

# Senders: a root shell and an ordinary user (both in a scope, like a login), a unit, and cron. Exim
# continues in the background after sendmail has ended.
by_root() { inside node-a systemd-run --quiet --scope sh -c "$1"; }
by_user() { inside node-a systemd-run --quiet --scope --uid=probe --gid=probe sh -c "$1"; }
by_unit() {
  echo "$1" >"$(file node-a /usr/local/bin/probe.sh)"
  printf '%s\n' '[Service]' Type=oneshot KillMode=process 'ExecStart=sh /usr/local/bin/probe.sh' \
    >"$(file node-a /etc/systemd/system/probe.service)"
  inside node-a sh -c 'systemctl daemon-reload && systemctl start probe'
}
by_cron() {
  local table
  table=$(file node-a /etc/cron.d/probe)
  echo "* * * * * probe [ -e /tmp/probe ] || { touch /tmp/probe; $1; }" >"$table"
  inside node-a sh -c 'rm -f /tmp/probe; systemctl start cron'
  await 90 [ -e "$(file node-a /tmp/probe)" ]
  rm "$table"
}

connected_since() { [ "$(connects)" -gt "$1" ]; }

# latest_source BEFORE: the addresses of the connections that site 1 has seen since there were BEFORE.
latest_source() {
  sed -n 's/.* connect from unknown\[\([^]]*\)\].*/\1/p' "$(file site /var/log/syslog)" |
    tail -n +"$(($1 + 1))" | sort -u | paste -s -d ' ' | grep . || echo -
}

# submitted WHO: the address from which site 1 receives a mail that WHO hands in, or `-'.
submitted() {
  new_mail
  "by_$1" "$(hand_in "$mail" "$mail")" </dev/null >"$tmp/handed" 2>&1
  await 30 came "$mail"
  sources_of "$mail"
}

# waits SUBJECT: a mail that is handed in stays in the queue, and nothing leaves.
waits() {
  local before
  await 30 is_idle
  before=$(connects)
  by_root "$(hand_in "$1")" </dev/null >/dev/null 2>&1
  await 30 inside node-a grep -qE ' == .* Connection refused' /var/log/exim4/mainlog &&
    [ "$(connects)" = "$before" ]
}

# other_program: the address from which site 1 sees a connection of a program that the rules do not
# name.
other_program() {
  local before
  await 30 is_idle
  before=$(connects)
  by_root "busybox nc -w 2 $site4 25 </dev/null" >/dev/null 2>&1
  await 30 connected_since "$before"
  latest_source "$before"
}

run_eximhost() {
  topology_up && take node-a && start_site || return
  firewall open
  on_host exim root user unit cron
  end_host node-a
  on_host trixie/exim root user unit
}

# on_host ROOT WHO...: runs the recipe on a host with this root, and lets each WHO hand in mail.
on_host() {
  local root=$1 time who
  shift
  host_up "$root" exim || return
  inside node-a systemctl restart exim4
  check 'Exim takes mail' takes_mail
  check 'before: from the node' [ "$(submitted root)" = "${node4[node-a]}" ]
  mkdir -p "$(file node-a /usr/share/doc/libclusterbind/examples)"
  cp -r "$examples/." "$(file node-a /usr/share/doc/libclusterbind/examples/)"
  for time in first second; do
    says 0 . sh -c 'cd /usr/share/doc/libclusterbind/examples && sh exim-host.sh --replace'
    check "Exim takes mail, the $time time" takes_mail
  done
  check 'from the cluster IP' [ "$(source_of 4)" = "$cluster4" ]
  check 'IPv6, too' [ "$(source_of 6)" = "$cluster6" ]
  for who; do
    check "what is handed in by $who, too" [ "$(submitted "$who")" = "$cluster4" ]
  done
  check 'another program: from the node' [ "$(other_program)" = "${node4[node-a]}" ]
  says 0 'covered: IPv4 and IPv6' clusterbind status --cgroup /sys/fs/cgroup
  cp "$here/../../config/debian/prerm" "$(file node-a /srv/prerm)"
  says 1 'clusterbind-host puts the rules into the kernel' sh /srv/prerm remove
  # With wrong rules Exim does not start, and mail that is handed in waits.
  inside node-a systemctl stop exim4
  echo 'bind nonsense' >>"$(file node-a /etc/clusterbind.conf)"
  says 1 . systemctl restart clusterbind-host
  says 1 'ependency' systemctl start exim4
  check 'Exim does not take mail' [ "$(inside node-a systemctl is-active exim4)" != active ]
  check 'what is handed in waits' waits "waiting on $root"
  check 'another program still goes' [ "$(other_program)" = "${node4[node-a]}" ]
  # With correct rules again; then everything is undone as the recipe says.
  cp "$examples/exim-host.conf" "$(file node-a /etc/clusterbind.conf)"
  start_again exim4
  check 'Exim takes mail' takes_mail
  by_root 'exim4 -qff'
  check 'what waited arrives' await 30 arrived site "waiting on $root"
  check 'from the cluster IP' [ "$(seen_from site "waiting on $root")" = "$cluster4" ]
  check 'it is undone as the recipe says' inside node-a sh -ec "$(undone_by exim-host.sh)"
  check 'the packages can be removed' inside node-a sh /srv/prerm remove
  check 'undone: from the node' [ "$(submitted root)" = "${node4[node-a]}" ]
}

# undone_by RECIPE: prints the commands that undo the recipe, as it names them.
undone_by() { sed -n '/^# To undo it:/,/^[^#]/s/^#     //p' "$examples/$1"; }
