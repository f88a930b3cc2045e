#!/bin/sh
# exim-host.sh - Exim's mail leaves from the cluster IP, whoever starts Exim. Put your addresses into
# exim-host.conf, then run this script as root in its folder. The host needs systemd and Linux 5.10 or
# newer.
#
# A mail that a shell, cron or PHP gives to "sendmail" is delivered at once, by an Exim in the control
# group of that program. So the rules are in the kernel, for all groups of the host, and their "only"
# names Exim alone. clusterbind-host.service puts them there before Exim starts; without it Exim does
# not start. Neither a setuid library nor a macro of Exim's is needed.
#
# The HELO name must fit the address: REMOTE_SMTP_HELO_DATA = cluster.example
#
# No unit can have rules of its own beside this: first do "clusterbind disable --now UNIT" for each that
# is enabled by kernel.
#
# New rules: systemctl reload clusterbind-host
# To undo it:
#     systemctl disable --now clusterbind-host
#     clusterbind detach --cgroup /sys/fs/cgroup
#     systemctl start exim4
. ./recipe.sh
booted || stop 'systemd has not booted this host'
use_rules exim-host.conf
clusterbind check
use_unit clusterbind-host.service
systemctl enable clusterbind-host
systemctl restart clusterbind-host
exec systemctl restart exim4
