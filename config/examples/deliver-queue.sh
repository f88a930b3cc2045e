#!/bin/sh
# deliver-queue.sh - delivers the mail that has waited, on the node that now has the cluster IP. On the
# other node there is nothing to do: its connections are refused, and its mail waits. Keep this script
# as /usr/local/sbin/deliver-queue.sh, owned by root, mode 755. keepalived runs it (keepalived.conf),
# or Pacemaker does (deliver-queue@.service).
logger -p mail.info -t deliver-queue 'a cluster IP is here: delivering the queue'
if command -v postqueue; then
  for folder in /etc/postfix $(postconf -h multi_instance_directories); do
    postqueue -c "$folder" -f # Postfix, each instance
  done
elif command -v smtpctl; then
  # OpenSMTPD disables for a while a route that has failed: the second of its flags is D.
  smtpctl show routes | sed -n 's/^\([0-9]*\)\..* [N-]D[Q-][K-] .*/\1/p' |
    xargs -r -n 1 smtpctl resume route
  smtpctl schedule all
elif command -v exim4; then
  # A queue run that root starts does not execute Exim again, so it needs the library from here.
  LD_PRELOAD=libclusterbind.so exim4 -qff
elif command -v courier; then
  courier flush
elif command -v sendmail-mta; then
  setpriv --regid smmsp --clear-groups clusterbind-run sendmail-mta -Am -q # Sendmail
fi >/dev/null 2>&1 </dev/null &
