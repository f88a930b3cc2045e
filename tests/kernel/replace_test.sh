#!/bin/sh
# Rules in the kernel that replace others (replace_test.cc). Usage: replace_test.sh BUILD-FOLDER
# FOLDER-OF-TEST-PROGRAMS [TIMES]
set -u
programs=$2 times=${3:-500}
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
# shellcheck source-path=SCRIPTDIR source=group.sh
. "$(dirname "$0")/group.sh"

in_own_network "$@"
has_groups
has_addresses
"$programs/kernel-replace" "$group" "$times" || failed=1
"$programs/kernel-replace" "$group" || failed=1
exit "$failed"
