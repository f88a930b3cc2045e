#!/bin/sh
# sendmail.sh - starts Debian's Sendmail under libclusterbind. Put your addresses into sendmail.conf,
# then run this script as root in its folder.
#
# Sendmail is setgid smmsp. If it is started with another real group, it runs in secure
# execution, where ld.so drops the library. So this script starts it with the group smmsp.
# The other ways are sendmail-secure.sh and only.sh.
#
# Sendmail's own setting serves better where all of its mail may leave from the cluster
# IP. In sendmail.mc:
#     CLIENT_OPTIONS(`Family=inet, Addr=192.0.2.25')dnl
#     CLIENT_OPTIONS(`Family=inet6, Addr=2001:db8::25')dnl
#
# The HELO name must fit the address: define(`confHELO_NAME', `cluster.example')dnl
#
# Under systemd this script sets the group in the unit. Then:
#     clusterbind enable --library --now sendmail
. ./recipe.sh
use_rules sendmail.conf
clusterbind check
if booted; then
  folder=/etc/systemd/system/sendmail.service.d
  mkdir -p "$folder"
  printf '[Service]\nGroup=smmsp\n' >"$folder/group.conf"
  clusterbind enable --library sendmail
  exec systemctl restart sendmail
fi
/etc/init.d/sendmail stop
exec setpriv --regid smmsp --clear-groups clusterbind-run /etc/init.d/sendmail start
