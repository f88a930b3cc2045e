#!/bin/sh
# The man pages, checked by mandoc, and the example rule file. Usage: man_test.sh BUILD-FOLDER
set -u
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
command -v mandoc > /dev/null || cannot 'there is no mandoc'
source=$(dirname "$0")/../../config
for page in "$source"/man/*.[158]; do
  row 0 '!.' mandoc -T lint -W warning "$page"
  # In groff, each of these macros quotes the rest of its line, so a line may have only one of them.
  row 0 '!^\..*[DQS]q .*[DQS]q ' cat "$page"
  row 0 '!@PROJECT' cat "$1/man/${page##*/}"
done
if command -v nroff > /dev/null; then
  # shellcheck disable=SC2016 # for the inner shell
  row 0 '\("yes", "no" or "unknown"\)' sh -c 'nroff -mandoc -Tascii "$1" | tr -s " \n" " "' - \
    "$source/man/clusterbind.1"
fi
row 0 '!(unreachable|one-family)' "$1/clusterbind" check --json "$source/examples/clusterbind.conf"
# shellcheck disable=SC2016 # for the inner shell
row 0 '^help fits a screen' sh -c '
  "$1" --help | awk "length > 79 { wide = 1 } END { if (NR <= 24 && !wide) print \"help fits a screen\" }"
' - "$1/clusterbind"
finish
