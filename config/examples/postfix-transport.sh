#!/bin/sh
# postfix-transport.sh - gives one transport of Postfix its own source address. Use it if destination
# and port do not tell that transport's connections from others. Keep it as
# /usr/lib/postfix/sbin/smtp-partner, owned by root, mode 755. Then
#     postconf -M partner/unix='partner unix - - y - - smtp-partner'
# makes it a transport, which transport_maps may name: "example.org partner:".
#
# Mail by this transport follows the rules in /etc/clusterbind-partner.conf. All other mail follows the
# rules of Postfix itself, which must run under the library (postfix.sh). If Postfix has its rules in
# the kernel, this script changes nothing.
#
# The HELO name must fit the address: add -o smtp_helo_name=partner.cluster.example after smtp-partner
CLUSTERBIND_CONFIG=/etc/clusterbind-partner.conf
export CLUSTERBIND_CONFIG
exec /usr/lib/postfix/sbin/smtp "$@"
