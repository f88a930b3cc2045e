#!/bin/sh
# The README's example is correct, and does what the README says: readme_test.sh SOURCE BUILD-FOLDER
set -u
source=$1 build=$2
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$source/tests/support/table.sh"

rules=$work/clusterbind.conf
sed -n '/^    # \/etc\/clusterbind.conf/,/^$/s/^    //p' "$source/README.md" > "$rules"
row 0 'OK, [0-9]+ rules' "$build/clusterbind" check "$rules"
row 0 '!no connection can reach' "$build/clusterbind" check "$rules"
decides() {
  want=$1
  shift
  row 1 "$want" "$build/clusterbind" explain --config "$rules" "$@" # exit status 1: the addresses are not here
}
row 0 'direct' "$build/clusterbind" explain --config "$rules" 10.1.2.3 25
decides '^source: +192.0.2.26' 198.51.100.7 25
decides '^source: +192.0.2.25' 203.0.113.7 25
decides '^source: +2001:db8::25' 2001:db8:1::7 25
row 0 'no rule' "$build/clusterbind" explain --config "$rules" 203.0.113.7 443

# Every option that the README mentions exists.
sed -n 's/^ *clusterbind-run \(-[a-z]\) .*/\1/p' "$source/README.md" | sort -u > "$work/options"
while read -r option; do
  row 0 "^  ${option}[ ,]" "$build/clusterbind-run" --help
done < "$work/options"

finish
