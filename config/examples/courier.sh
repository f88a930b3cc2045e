#!/bin/sh
# courier.sh - starts Courier under libclusterbind. Put your addresses into courier.conf, then run
# this script as root in its folder.
#
# Courier starts its modules with a cleaned environment. The library puts its variables back.
#
# Courier's own settings serve better where all of its mail may leave from the cluster IP:
#     echo 192.0.2.25 >/etc/courier/ipout
#     echo 2001:db8::25 >/etc/courier/ip6out
#
# The HELO name must fit the address: echo cluster.example >/etc/courier/esmtphelo
#
# Under systemd this is: clusterbind enable --now courier.service
# It is the unit that sends; courier-mta.service takes mail.
. ./recipe.sh
use_rules courier.conf
clusterbind check
if booted; then
  clusterbind enable courier.service
  exec systemctl restart courier.service
fi
courier stop
exec clusterbind-run courier start
