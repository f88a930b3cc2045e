#!/bin/sh
# The demo shows what its reader wants to see, and nothing else: demo_test.sh SOURCE-FOLDER
set -u
source=$1
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$source/tests/support/table.sh"
command -v msmtp > /dev/null || cannot 'there is no msmtp'

row 0 '^msmtp +the listener saw 127\.0\.0\.1$' sh "$source/preload/demo.sh"
cp "$work/output" "$work/demo"
row 0 '^clusterbind-run \.\.\. msmtp +the listener saw 127\.0\.0\.25$' cat "$work/demo"
row 0 '^A connection to loopback takes .* more where a rule binds it .*\.$' cat "$work/demo"
row 0 '!missed|met |p99' cat "$work/demo"
row 0 '^6$' sh -c 'grep -vc "^installing" "$0"' "$work/demo"

finish
