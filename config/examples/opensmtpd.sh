#!/bin/sh
# opensmtpd.sh - starts OpenSMTPD under libclusterbind. Run as root in this folder.
#
# OpenSMTPD's own setting serves better where an action's mail may leave from the
# cluster IP whatever its destination. In smtpd.conf:
#     table cluster { 192.0.2.25, 2001:db8::25 }
#     action "relay" relay src <cluster>
set -e
install -m 644 opensmtpd.conf /etc/clusterbind.conf
clusterbind check
exec clusterbind-run smtpd
