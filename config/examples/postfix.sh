#!/bin/sh
# postfix.sh - starts Postfix under libclusterbind. Put your addresses into postfix.conf, then run
# this script as root in its folder.
#
# Postfix's master cleans the environment of the programs that it starts. The wrapper's
# follow mode puts the library back, so main.cf stays as it is. Under systemd this covers
# every instance:
#     clusterbind enable --now postfix@.service                     # Debian 12
#     clusterbind enable --now postfix.service postfix@.service     # Debian 13
# This gives one instance rules of its own:
#     clusterbind enable --now -c /etc/clusterbind-out.conf postfix@postfix-out.service
# This gives each instance the rules of its name: Environment=CLUSTERBIND_CONFIG=/etc/clusterbind/%i.conf in
# /etc/systemd/system/postfix@.service.d/rules.conf, then: clusterbind enable postfix@.service
#
# The HELO name must fit the address, because receivers compare it with the reverse name:
#     smtp_helo_name = cluster.example
# A transport with its own source address needs no unit of its own: a rule may name its
# destinations (or see postfix-transport.sh). A content filter on 127.0.0.1 needs no rule:
# "any" does not include loopback.
#
# Postfix's own settings serve better where all of its mail may leave from the cluster
# IP, even that for a content filter on 127.0.0.1. They need no library:
#     smtp_bind_address = 192.0.2.25
#     smtp_bind_address6 = 2001:db8::25
#     smtp_bind_address_enforce = yes    # 3.7; without it, where bind fails, mail leaves from the node
# The node without the address then defers all mail, even that for the filter.
# Rules serve better where the source address depends on destination or port.
. ./recipe.sh
use_rules postfix.conf
clusterbind check
if booted; then
  case $(systemctl show -p ExecStart --value postfix.service) in
    *path=/bin/true*) clusterbind enable postfix@.service ;; # Debian 12: it starts the instances
    *) clusterbind enable postfix.service postfix@.service ;;
  esac
  exec systemctl restart postfix.service
fi
if postfix status 2>/dev/null; then postfix stop; fi
exec clusterbind-run postfix start
