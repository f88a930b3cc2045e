#!/bin/sh
# exim.sh - starts Debian's Exim under libclusterbind. Put your addresses into exim.conf, then run
# this script as root in its folder.
#
# Exim is setuid, so ld.so takes only libraries that have the setuid bit and are in the
# system's library folders. This script sets the bit. Or build the library for it, with
# cmake -D CMAKE_INSTALL_PREFIX=/usr -D CLUSTERBIND_SECURE=ON. Exim also cleans its
# environment; MAIN_ADD_ENVIRONMENT puts the library into it again.
#
# This does not reach a queue run that root starts by hand. Give it the library as well:
#     LD_PRELOAD=libclusterbind.so exim4 -qff
# only.sh needs none of this.
#
# Exim's own setting serves better where all of its mail may leave from the cluster IP:
# "interface = <; 192.0.2.25 ; 2001:db8::25" on the smtp transport. Debian's macro
# REMOTE_SMTP_INTERFACE sets it for the transport remote_smtp, not for a smarthost's.
#
# The HELO name must fit the address: REMOTE_SMTP_HELO_DATA = cluster.example
#
# Under systemd: clusterbind enable --library --now exim4
# With the rules in the kernel, neither the setuid bit nor the macro is needed:
#     clusterbind enable --kernel --now exim4
# But mail that a program gives to "sendmail" is then delivered in the control group of that program,
# which has no rules. exim-host.sh gives them to all groups of the host.
. ./recipe.sh
use_rules exim.conf
clusterbind check
allow_secure
exim_preload
update-exim4.conf
if booted; then
  clusterbind enable --library exim4
  exec systemctl restart exim4
fi
/etc/init.d/exim4 stop
exec clusterbind-run exim4 -bd -q30m
