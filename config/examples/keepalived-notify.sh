#!/bin/sh
# keepalived-notify.sh - keepalived runs it as: TYPE NAME STATE PRIORITY. Keep it in
# /etc/keepalived, owned by root, mode 755.
#
# On the node that now has the cluster IP, what waited in the queue is delivered. There
# is nothing to do on the other one: without the address the library refuses.
[ "$3" = MASTER ] || exit 0
logger -p mail.info -t keepalived-notify "$2: cluster IP is here, delivering the queue"
if command -v postqueue; then
  for folder in /etc/postfix $(postconf -h multi_instance_directories); do
    postqueue -c "$folder" -f # Postfix, each instance
  done
elif command -v smtpctl; then
  # OpenSMTPD gives up a route that failed for a while.
  smtpctl show routes | sed -n 's/^\([0-9]*\)\..* D.*/\1/p' | xargs -r -n 1 smtpctl resume route
  smtpctl schedule all # OpenSMTPD
elif command -v exim4; then
  # Exim does not run itself again when root starts a queue run: give it the library.
  LD_PRELOAD=libclusterbind.so exim4 -qff
elif command -v sendmail-mta; then
  setpriv --regid smmsp --clear-groups clusterbind-run sendmail-mta -Am -q # Sendmail
fi >/dev/null 2>&1 </dev/null &
