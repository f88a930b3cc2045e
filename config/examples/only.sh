#!/bin/sh
# only.sh - loads libclusterbind by /etc/ld.so.preload. Run as root in this folder, then
# start the MTA in its usual way, or again.
#
# It reaches setuid and setgid programs, cleaned environments and whatever the init
# system starts. The rule file comes first, and its "only" keeps all other programs out.
#
# To undo it, which must be done before the library is removed:
#     sed -i 's|[^[:space:]:]*libclusterbind[.]so||g' /etc/ld.so.preload
. ./recipe.sh
use_rules only.conf
clusterbind check
preload_everywhere
