#!/bin/sh
# opensmtpd.sh - starts OpenSMTPD under libclusterbind. Put your addresses into opensmtpd.conf, then
# run this script as root in its folder.
#
# OpenSMTPD's own setting serves better where an action's mail may leave from the
# cluster IP whatever its destination. In smtpd.conf:
#     table cluster { 192.0.2.25, 2001:db8::25 }
#     action "relay" relay src <cluster>
#
# The HELO name must fit the address: relay ... helo "cluster.example"
#
# Under systemd this is: clusterbind enable --now opensmtpd
. ./recipe.sh
use_rules opensmtpd.conf
clusterbind check
if booted; then
  clusterbind enable opensmtpd
  exec systemctl restart opensmtpd
fi
/etc/init.d/opensmtpd stop
exec clusterbind-run smtpd
