#!/bin/sh
# sendmail-secure.sh - starts Debian's Sendmail with its usual groups. Put your addresses into
# sendmail.conf, then run this script as root in its folder.
#
# It then runs in secure execution (sendmail.sh says why). There ld.so takes only
# libraries that have the setuid bit and are in the system's library folders. This script
# sets the bit. Or build the library for it, with
# cmake -D CMAKE_INSTALL_PREFIX=/usr -D CLUSTERBIND_SECURE=ON.
# The rules come from /etc/clusterbind.conf alone.
#
# The HELO name must fit the address: define(`confHELO_NAME', `cluster.example')dnl
#
# Under systemd: clusterbind enable --library --now sendmail
. ./recipe.sh
use_rules sendmail.conf
clusterbind check
allow_secure
if booted; then
  clusterbind enable --library sendmail
  exec systemctl restart sendmail
fi
/etc/init.d/sendmail stop
exec clusterbind-run /etc/init.d/sendmail start
