#!/bin/sh
# only.sh - loads libclusterbind by /etc/ld.so.preload. Put your addresses and programs into only.conf,
# and run this script as root in its folder. Then start or restart the MTA in its usual way.
#
# It reaches setuid and setgid programs, programs with a cleaned environment, and whatever
# the init system starts. The rule file is put in place first; because of its "only", the
# library does nothing in other programs.
#
# The HELO name must fit the address: the recipe for your MTA has its setting.
#
# To undo it, which must be done before the library is removed:
#     sed -i 's|[^[:space:]:]*libclusterbind[.]so||g' /etc/ld.so.preload
. ./recipe.sh
use_rules only.conf
clusterbind check
preload_everywhere
