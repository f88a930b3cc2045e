#!/bin/sh
# sendmail.sh - starts Debian's Sendmail under libclusterbind. Run as root in this folder.
#
# Sendmail is setgid smmsp: started with another real group it runs in secure execution,
# where ld.so drops the library. Started with the group smmsp it does not. The other
# ways are sendmail-secure.sh and only.sh.
#
# Sendmail's own setting serves better where all of its mail may leave from the cluster
# IP. In sendmail.mc:
#     CLIENT_OPTIONS(`Family=inet, Addr=192.0.2.25')dnl
#     CLIENT_OPTIONS(`Family=inet6, Addr=2001:db8::25')dnl
. ./recipe.sh
use_rules sendmail.conf
clusterbind check
/etc/init.d/sendmail stop
exec setpriv --regid smmsp --clear-groups clusterbind-run /etc/init.d/sendmail start
