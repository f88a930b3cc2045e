#!/bin/sh
# The bounds are the same in the benchmark, its manual page and the README, and the README's figures
# are those in bench/results. Usage: bounds_test.sh BUILD-FOLDER
set -u
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
source=$(cd "$(dirname "$0")/../.." && pwd)
command -v python3 > /dev/null || cannot 'there is no python3'

# same TITLE FILE: the file lists the benchmark's bounds, no more and no fewer.
same() {
  rows=$((rows + 1))
  diff "$work/bounds" "$2" > "$work/output" || wrong "$1 has other promises"
}
row 0 '^latency +match, .*: at most [0-9]' "$1/clusterbind-bench" bounds
"$1/clusterbind-bench" bounds | tr -s ' ' > "$work/bounds"
sed -n '/^\.It Cm bounds/,/^\.Ed/p' "$source/config/man/clusterbind-bench.1" |
  sed -n '/^\.Bd/,/^\.Ed/p' | grep -v '^\.' | tr -s ' ' > "$work/man"
same clusterbind-bench.1 "$work/man"
sed -n 's/^| \([a-z]*\) | \(.*: at \(most\|least\) [^|]*\) | .*/\1 \2/p' "$source/README.md" > "$work/readme"
same README.md "$work/readme"
row 0 '' python3 "$source/bench/readme.py" --check

finish
