#!/bin/bash
# load.sh NODE COUNT PAUSE - sends a steady stream of mail to the local Postfix, by SMTP on
# loopback, for site 1 over IPv4 and IPv6 in turn. It runs on the node, and prints a line for each
# mail that was accepted: its subject and its queue id.
node=$1 count=$2 pause=$3

# reply: reads a reply and keeps its last line.
reply() {
  while IFS= read -r -t 20 -u 3 line; do
    [ "${line:3:1}" = - ] || return 0
  done
  return 1
}

say() { printf '%s\r\n' "$1" >&3 && reply; }

exec 3<>/dev/tcp/127.0.0.1/25 || exit 1
reply && say 'EHLO load' || exit 1
for ((i = 1; i <= count; i++)); do
  subject=load-$node-$i
  say 'MAIL FROM:<probe@cluster.example>' &&
    say "RCPT TO:<probe@v$((i % 2 ? 4 : 6)).site1.example>" &&
    say DATA &&
    say "Subject: $subject"$'\r\n\r\nbody\r\n.' || exit 1
  line=${line%$'\r'}
  case $line in
    250*'queued as '*) echo "$subject ${line##*queued as }" ;;
    *) echo "load: $line" >&2 && exit 1 ;;
  esac
  sleep "$pause"
done
say QUIT
