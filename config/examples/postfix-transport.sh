#!/bin/sh
# postfix-transport.sh - a source address for one of Postfix's transports, which the rules cannot tell
# by destination or port. Keep it as /usr/lib/postfix/sbin/smtp-partner, owned by root, mode 755. Then
#     postconf -M partner/unix='partner unix - - y - - smtp-partner'
# makes it a transport, which transport_maps may name: "example.org partner:".
#
# What goes by this transport has the rules of /etc/clusterbind-partner.conf, all other mail those of
# Postfix itself, which must run under the library (postfix.sh). By kernel it does nothing.
#
# The HELO name must fit the address: -o smtp_helo_name=partner.cluster.example, behind smtp-partner
CLUSTERBIND_CONFIG=/etc/clusterbind-partner.conf
export CLUSTERBIND_CONFIG
exec /usr/lib/postfix/sbin/smtp "$@"
