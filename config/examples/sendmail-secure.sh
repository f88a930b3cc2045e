#!/bin/sh
# sendmail-secure.sh - starts Debian's Sendmail with its usual groups. Run as root in
# this folder.
#
# It then runs in secure execution (sendmail.sh says why), where ld.so takes only
# libraries with the setuid bit, from the system's library folders: build with
# cmake -D CMAKE_INSTALL_PREFIX=/usr -D CLUSTERBIND_SECURE=ON, or let it be set here.
# The rules come from /etc/clusterbind.conf alone.
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
