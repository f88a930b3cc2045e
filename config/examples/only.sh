#!/bin/sh
# only.sh - loads libclusterbind by /etc/ld.so.preload. Run as root in this folder, then
# start the MTA in its usual way.
#
# It reaches setuid and setgid programs, cleaned environments and whatever the init
# system starts. The rule file comes first, and its "only" keeps all other programs out.
#
# To undo it, take the line out of /etc/ld.so.preload before the library is removed.
set -e
install -m 644 only.conf /etc/clusterbind.conf
clusterbind check
ldconfig -p | awk '$1 == "libclusterbind.so" { print $NF; exit }' >>/etc/ld.so.preload
