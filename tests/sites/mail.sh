# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# mail.sh - sends a mail, waits for it, and finds out at the far end where it came from.

domain() { echo "v$1.site1.example"; }   # a domain of site 1 that is reached over IPv4 or IPv6

# new_mail: sets $mail to a subject that no mail of this job has had. A file counts them, because a
# function that prints its result runs in a subshell.
new_mail() {
  echo >>"$tmp/mails"
  mail=probe-$job-$(wc -l <"$tmp/mails")
}

# await SECONDS COMMAND...: waits until the command succeeds.
await() {
  local end=$((SECONDS + $1 + 1)) # it counts whole seconds
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.2
  done
}

# submit HOST RECIPIENT: sends a mail with the MTA's own sendmail program; $mail is its subject.
submit() {
  local from=probe@cluster.example
  [ "$1" != site ] || from=probe@site1.example
  new_mail
  printf 'From: %s\nTo: %s\nSubject: %s\n\nbody\n' "$from" "$2" "$mail" |
    inside "$1" sendmail -f "$from" "$2"
}

# mailbox HOST: prints the mailbox of the user probe on a host.
mailbox() {
  local box
  box=$(file "$1" /var/mail/probe)
  if [ -d "$(file "$1" /home/probe/Maildir/new)" ]; then
    # As a mailbox, for the readers below.
    for box in "$(file "$1" /home/probe/Maildir/new)"/*; do
      [ -f "$box" ] && echo 'From ' && cat "$box" && echo
    done
  elif [ -f "$box" ]; then
    cat "$box"
  fi
}

arrived() { mailbox "$1" | grep -q "^Subject: $2\$"; }

# last_hop HOST MAIL: the first Received header of the mail.
last_hop() {
  mailbox "$1" | awk -v subject="Subject: $2" '
    /^From / { received = ""; take = 0 }
    /^[^ \t]/ { take = ($0 ~ /^Received:/ && received == "") }
    take { received = received $0 }
    $0 == subject { print received; exit }'
}
# What that header says of the host that sent the mail here: its address, and its HELO name.
seen_from() { last_hop "$1" "$2" | sed -n 's/^[^[]*\[\(IPv6:\)\{0,1\}\([^]]*\)\].*/\2/p'; }
helo_of() { last_hop "$1" "$2" | sed -n 's/^Received: from \([^ ]*\) .*/\1/p'; }

# The mail exchanger of site 1: a Postfix that accepts mail only from its partner, which it knows by
# address.
start_site() {
  boot site postfix || return
  printf "%s OK\n" "$cluster4" "$cluster6" "$second4" "$second6" 127.0.0.0/8 ::1 \
    >"$(file site /etc/postfix/partners)"
  printf 'v4.cluster.example smtp:[%s]\nv6.cluster.example smtp:[%s]\n' "$cluster4" "$cluster6" \
    >"$(file site /etc/postfix/transport)"
  inside site postconf -e \
    'myhostname = mail.site1.example' \
    'mydestination = mail.site1.example, v4.site1.example, v6.site1.example' \
    'smtpd_client_restrictions = check_client_access cidr:/etc/postfix/partners, reject' \
    'transport_maps = texthash:/etc/postfix/transport' &&
    inside site postfix start >/dev/null 2>&1 &&
    await 40 inside site busybox nc -w 1 ::1 25 </dev/null >/dev/null
}

node_log() { cat "$(file "$1" /var/log/syslog)"; }
