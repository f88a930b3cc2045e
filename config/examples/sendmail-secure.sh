#!/bin/sh
# sendmail-secure.sh - starts Debian's Sendmail with its usual groups. Run as root in
# this folder.
#
# It then runs in secure execution (sendmail.sh says why), where ld.so takes only
# libraries with the setuid bit, from the system's library folders: build with
# cmake -D CMAKE_INSTALL_PREFIX=/usr -D CLUSTERBIND_SECURE=ON, or set the bit as here.
# The rules come from /etc/clusterbind.conf alone.
set -e
install -m 644 sendmail.conf /etc/clusterbind.conf
clusterbind check
chmod 4755 "$(ldconfig -p | awk '$1 == "libclusterbind.so" { print $NF; exit }')"
exec clusterbind-run /etc/init.d/sendmail start
