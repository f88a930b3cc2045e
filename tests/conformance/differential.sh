#!/bin/sh
# The same random calls plain and under the library: differential.sh BUILD [SEEDS [CALLS [FIRST]]]
# Under rules that match nothing the traces must be the same; under rules that match loopback too,
# but for the source address (names.h) and for what LIMITS says of sockets that were bound for the
# program (sockets.h). There a connection that is made from another address than the rules' is an
# error too. Rules of `proto any` are for every fourth seed.
# CI runs 200 seeds of 500 calls. A nightly run: differential.sh build 5000 2000
set -u

if [ "$1" != one ]; then
  reason=$(unshare -n true 2>&1) || {
    echo "cannot run: no network namespace: ${reason#unshare: }"
    exit 77
  }
  build=$(cd "$1" && pwd) seeds=${2:-200} calls=${3:-500} first=${4:-1}
  work=$(mktemp -d) || exit 1
  trap 'rm -rf "$work"' EXIT
  # The runs mostly wait: for connections that nobody answers.
  # shellcheck disable=SC2016 # it is the inner shell that expands
  seq "$first" $((first + seeds - 1)) |
    xargs -P 10 -I SEED sh -c 'sh "$0" one "$@" > "$4/SEED.result"' "$0" "$build" SEED "$calls" \
      "$work"
  cat "$work"/*.result > "$work/results"
  count() { grep -c "^$1" "$work/results"; }
  sum() { awk -v what="$1" '$1 == what { sum += $2 } END { print sum + 0 }' "$work/results"; }
  grep -Ev '^(calls|bound) ' "$work/results" | head -n 200
  echo "seeds: $seeds, calls: $(sum calls), bound: $(sum bound), differences:" \
    "$(count difference), wrong sources: $(count 'wrong source'), broken runs: $(count broken)"
  # Nothing bound: the library was not there, and nothing was compared.
  [ "$(count bound)" -eq "$seeds" ] && [ "$(sum bound)" -gt "$seeds" ] &&
    ! grep -Eq '^(difference|wrong source|broken)' "$work/results"
  exit
fi

build=$2 seed=$3 calls=$4 work=$5
library=$build/libclusterbind.so
missing='bind 127.0.0.25 fd00:c1::25 to 198.51.100.0/24, 2001:db8:1::/48 proto any; refuse port 1-9'
# A socket that the program bound to a port of its own cannot be moved: it goes on as it is.
tcp='bind 127.0.0.25 fd00:c1::25 to 127.0.0.0/8, ::1 else direct'
any='bind 127.0.0.25 fd00:c1::25 to 127.0.0.0/8, ::1 proto any else direct'

# run NAME RULES OPTION...: leaves the trace in NAME, and what was seen of the source in NAME.seen.
run() {
  name=$work/$seed.$1 rules=$2
  shift 2
  timeout 60 env ${rules:+"LD_PRELOAD=$library" "CLUSTERBIND_RULES=$rules"} CLUSTERBIND_LOG=off \
    "$build/conformance-driver" "$seed" "$calls" "$@" > "$name" 2> "$name.seen" ||
    echo "broken: seed $seed, $*: status $?, $(tail -n 1 "$name.seen")"
}
seen() { sed -n 's/^bound //p' "$work/$seed.$1.seen"; }

# compare NAME RULES OPTION...: runs plain and under the rules, and shows the first call that is
# answered otherwise. A busy machine delays a handshake now and then, in plain runs too:
# such a difference does not come three times.
compare() {
  of=$1 text=$2
  shift 2
  for _ in 1 2 3; do
    run "plain-$of" '' "$@"
    run "$of" "$text" "$@"
    cmp -s "$work/$seed.plain-$of" "$work/$seed.$of" && break
  done
  echo "calls $calls"
  grep '^wrong source' "$work/$seed.$of.seen" | sed "s/^wrong source/&, seed $seed, $of/"
  cmp -s "$work/$seed.plain-$of" "$work/$seed.$of" && return
  echo "difference: seed $seed, $of"
  diff -U 4 "$work/$seed.plain-$of" "$work/$seed.$of" | sed -n '4,16p'
}

compare missing "$missing"
[ "$(seen missing)" = 0 ] || echo "difference: seed $seed: bound without a rule"
compare tcp "$tcp" tcp
bound=$(seen tcp)
if [ $((seed % 4)) -eq 0 ]; then
  compare any "$any" any
  bound=$((bound + $(seen any)))
fi
echo "bound $bound"
rm -f "$work/$seed".[!r]*
