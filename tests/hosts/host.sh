# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# host.sh - node-a as a host that systemd has booted, and what the far end sees of its mail.

# host_up ROOT MTA: boots the host, with the mail server set up and the rules in place, but no unit
# enabled.
host_up() {
  mta=$2
  # shellcheck source=/dev/null
  . "$here/mta-$mta.sh"
  boot node-a "$1" systemd || return
  "${mta}_configure" node-a
  cp "$examples/$mta.conf" "$(file node-a /etc/clusterbind.conf)"
  await 30 inside node-a systemctl list-units >/dev/null 2>&1
  inside node-a systemctl daemon-reload
}

# start_again UNIT: systemd starts a unit at most five times in ten seconds, and here all goes faster
# than by hand.
start_again() { inside node-a sh -c 'systemctl reset-failed "$@" 2>/dev/null; systemctl start "$@"' sh "$@"; }

takes_mail() { takes_mail_at 25; }
takes_mail_at() { await 30 listening "$1"; }
listening() { inside node-a busybox nc -w 1 ::1 "$1" </dev/null >/dev/null 2>&1; }

# give RECIPIENT [PORT]: gives a mail, whose subject is $mail and whose sender has that name, to the
# daemon itself. A mail given to a sendmail program may be delivered at once, by the process that was
# given it.
give() {
  new_mail
  nsenter --target "${host_pid[node-a]}" --net timeout 20 python3 - "$1" "$mail" "${2:-25}" <<'PYTHON'
import smtplib, sys
sender = sys.argv[2] + "@cluster.example"
smtplib.SMTP("::1", int(sys.argv[3]), "localhost", 15).sendmail(
    sender, [sys.argv[1]],
    "From: %s\nTo: %s\nSubject: %s\n\nbody\n" % (sender, sys.argv[1], sys.argv[2]))
PYTHON
}

# sources_of MAIL: the addresses that have sent this mail to site 1, which accepts it or refuses it,
# or `-'. Mail of earlier rows may still come at any time.
sources_of() {
  sed -nE "s/.*: ([[:alnum:]]+): client=unknown\[([^]]*)\].*/client \1 \2/p
    s/.*: ([[:alnum:]]+): from=<$1@.*/mail \1/p
    s/.*: reject: RCPT from unknown\[([^]]*)\]: .* from=<$1@.*/refused \1/p" "$(file site /var/log/syslog)" |
    awk '$1 == "client" { client[$2] = $3 }
      $1 == "mail" && $2 in client { print client[$2] }
      $1 == "refused" { print $2 }' | sort -u | paste -s -d ' ' | grep . || echo -
}
came() { [ "$(sources_of "$1")" != - ]; }

# source_of FAMILY [PORT]: the address from which site 1 is sent mail that the host has accepted on
# this port, or `-'. An MTA whose first attempt fails for a moment may wait for minutes, so that
# another mail is sent.
source_of() {
  local try
  for try in 1 2 3; do
    give "probe@$(domain "$1")" "${2:-25}"
    await 20 came "$mail" && break
  done
  sources_of "$mail"
}

is_idle() { ! inside node-a ss -Htn 'dport = :25' | grep -qvF '[::1]'; }

# connects: how many connections site 1 has seen.
connects() { grep -c ' connect from unknown\[' "$(file site /var/log/syslog)"; }

# show COMMAND...: runs it in the host, and writes command and output to the transcript.
show() {
  local transcript=$results/$job.transcript status=0
  echo "node-a ($job)# $*" >>"$transcript"
  inside node-a "$@" >>"$transcript" 2>&1 || status=$?
  [ "$status" = 0 ] || echo "(exit status $status)" >>"$transcript"
  return "$status"
}

# says STATUS PATTERN COMMAND...: runs it in the host, and checks its exit status and its output.
says() {
  local want=$1 pattern=$2 status=0
  shift 2
  inside node-a "$@" >"$tmp/said" 2>&1 </dev/null || status=$?
  if [ "$status" = "$want" ] && grep -qE -e "$pattern" "$tmp/said"; then
    echo "ok     $job: $*: $pattern"
  else
    echo "WRONG  $job: $*: exit status $status, wanted $want; lacks $pattern"
    sed 's/^/       | /' "$tmp/said"
    wrong=1
  fi
}

# changes_nothing COMMAND...: checks that all files below /etc/systemd are the same afterwards.
changes_nothing() {
  local before after
  before=$(inside node-a sh -c 'find /etc/systemd -type f -exec cksum {} + | sort')
  inside node-a "$@" >/dev/null 2>&1 </dev/null
  after=$(inside node-a sh -c 'find /etc/systemd -type f -exec cksum {} + | sort')
  check "it changes nothing: $*" [ "$before" = "$after" ]
}

# sources ARRAY [PORT]: the sources of both families, in this array.
sources() {
  local family
  local -n into=$1
  # shellcheck disable=SC2004 # it has names, not numbers
  for family in 4 6; do into[$family]=$(source_of $family "${2:-25}"); done
}

# source_rows DEBIAN UNIT WAY CLUSTER STATUS: rows of what the arrays before, enabled and disabled
# have, for a unit that should send from this address (cluster, second) while it is enabled.
source_rows() {
  local family
  for family in 4 6; do
    local -n its=$4$family own=node$family
    name "$1" "$2" "$3" "IPv$family"
    cell "${own[node-a]}" "${before[$family]}"
    cell "$its" "${enabled[$family]}"
    cell "${own[node-a]}" "${disabled[$family]}"
    cell 'verdict: all covered' "$5"
    end_row "hosts-$job"
  done
}

# way DEBIAN UNIT WAY [OPTION...]: finds the source before enable, after it, and after disable, for
# a running unit. The firewall is open, because the far end is the judge.
way() {
  local debian=$1 unit=$2 by=$3 status
  local -A before enabled disabled
  shift 3
  firewall open
  sources before
  check "enable $* $unit" show clusterbind enable --now "$@" "$unit"
  takes_mail
  check "status $unit" show clusterbind status "$unit"
  status=$(verdict "$unit")
  sources enabled
  changes_nothing clusterbind enable "$@" "$unit"
  check "disable $unit" show clusterbind disable --now "$unit"
  takes_mail
  sources disabled
  source_rows "$debian" "$unit" "$by" cluster "$status"
}

# verdict UNIT: the last line of its status.
verdict() { inside node-a clusterbind status "$1" 2>&1 | tail -n 1; }
