#!/bin/sh
# postfix.sh - starts Postfix under libclusterbind. Run as root in this folder.
#
# Postfix's master gives what it starts a cleaned environment. The wrapper's follow
# mode puts the library back, so main.cf stays as it is. Under systemd use
# systemd/postfix.conf instead.
#
# Postfix's own settings serve better where all of its mail may leave from the cluster
# IP. They need no library:
#     smtp_bind_address = 192.0.2.25
#     smtp_bind_address6 = 2001:db8::25
#     smtp_bind_address_enforce = yes    # 3.7; without it: from the node where bind fails
# Rules serve better where destination or port decide.
. ./recipe.sh
use_rules postfix.conf
clusterbind check
if postfix status 2>/dev/null; then postfix stop; fi
exec clusterbind-run postfix start
