#!/bin/sh
# The same random calls plain and under the library: differential.sh BUILD [SEEDS [CALLS]]
# Under rules that match nothing the traces must be the same; under rules that match loopback too,
# but for the source address (names.h) and for sockets whose connection is over (driver.cc).
# CI runs 200 seeds of 500 calls. A nightly run: differential.sh build 5000 2000
set -u
build=$(cd "$1" && pwd) seeds=${2:-200} calls=${3:-500}

# The runs mostly wait: for connections that nobody answers.
if [ "${4:-}" = '' ]; then
  work=$(mktemp -d) || exit 1
  trap 'rm -rf "$work"' EXIT
  # shellcheck disable=SC2016 # it is the inner shell that expands
  seq "$seeds" |
    xargs -P 10 -I SEED sh -c 'sh "$0" "$@" > "$4/SEED.result"' "$0" "$build" SEED "$calls" "$work"
  cat "$work"/*.result > "$work/results"
  differences=$(grep -c '^difference' "$work/results")
  broken=$(grep -c '^broken' "$work/results")
  bound=$(awk '/^bound/ { sum += $2 } END { print sum + 0 }' "$work/results")
  grep -v '^bound' "$work/results" | head -n 60
  runs=$(grep -c '^bound' "$work/results")
  echo "seeds: $seeds, calls: $((seeds * calls * 2)), bound: $bound, differences: $differences"
  # Nothing bound: the library was not there, and nothing was compared.
  [ "$runs" -eq "$seeds" ] && [ "$bound" -gt "$seeds" ] && [ "$differences$broken" = 00 ]
  exit
fi

seed=$2 work=$4
library=$build/libclusterbind.so
missing='bind 127.0.0.25 fd00:c1::25 to 198.51.100.0/24, 2001:db8:1::/48 proto any; refuse port 1-9'
# A socket that the program bound to a port of its own cannot be moved: it goes on as it is.
matching='bind 127.0.0.25 fd00:c1::25 to 127.0.0.0/8, ::1 else direct'

# run NAME RULES OPTION...: leaves the trace in NAME, and how often the source was seen.
run() {
  name=$work/$seed.$1 rules=$2
  shift 2
  timeout 60 env ${rules:+"LD_PRELOAD=$library" "CLUSTERBIND_RULES=$rules" CLUSTERBIND_LOG=off} \
    "$build/conformance-driver" "$seed" "$calls" "$@" > "$name" 2> "$name.bound" ||
    echo "broken: seed $seed, $*: status $?, $(tail -n 1 "$name.bound")"
}

# compare PLAIN OTHER: shows the first call that is answered otherwise. A busy machine delays a
# handshake now and then, in plain runs too: such a difference does not come three times.
compare() {
  for _ in 1 2; do
    cmp -s "$work/$seed.$1" "$work/$seed.$2" && return
    "run_$3"
  done
  cmp -s "$work/$seed.$1" "$work/$seed.$2" && return
  echo "difference: seed $seed, $1 and $2"
  diff -U 4 "$work/$seed.$1" "$work/$seed.$2" | sed -n '4,16p'
}

run_without_match() {
  run plain ''
  run missing "$missing"
}
run_with_match() {
  run plain-forget '' forget
  run matching "$matching" forget
}
run_without_match
compare plain missing without_match
run_with_match
compare plain-forget matching with_match
[ "$(cat "$work/$seed.missing.bound")" = 0 ] || echo "difference: seed $seed: bound without a rule"
echo "bound $(cat "$work/$seed.matching.bound")"
rm -f "$work/$seed".[pm]*
