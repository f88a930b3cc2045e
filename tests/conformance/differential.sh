#!/bin/sh
# Makes the same random calls plain and under the library: differential.sh BUILD [SEEDS [CALLS
# [FIRST]]]
# Under rules that match nothing, the traces must be identical. Under rules that match loopback they
# may differ only in the source address (names.h) and in what LIMITS says about sockets that the
# library has bound (sockets.h). Under these rules a connection from any other address is an error
# too. Every fourth seed uses rules with `proto any`. CI runs 200 seeds of 500 calls. For a nightly
# run: differential.sh build 5000 2000
set -u

if [ "$1" != one ]; then
  reason=$(unshare -n true 2>&1) || {
    echo "cannot run: no network namespace: ${reason#unshare: }"
    exit 77
  }
  build=$(cd "$1" && pwd) seeds=${2:-200} calls=${3:-500} first=${4:-1}
  work=$(mktemp -d) || exit 1
  trap 'rm -rf "$work"' EXIT
  # The runs mostly wait for connections that nobody answers, so many of them run at a time.
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
  # If nothing was bound, the library was not loaded, and the comparison was void.
  [ "$(count bound)" -eq "$seeds" ] && [ "$(sum bound)" -gt "$seeds" ] &&
    ! grep -Eq '^(difference|wrong source|broken)' "$work/results"
  exit
fi

build=$2 seed=$3 calls=$4 work=$5
library=$build/libclusterbind.so
missing='bind 127.0.0.25 fd00:c1::25 to 198.51.100.0/24, 2001:db8:1::/48 proto any; refuse port 1-9'
# A socket that the program has bound to a fixed port cannot be moved, so it goes on unchanged.
tcp='bind 127.0.0.25 fd00:c1::25 to 127.0.0.0/8, ::1 else direct'
any='bind 127.0.0.25 fd00:c1::25 to 127.0.0.0/8, ::1 proto any else direct'

# run NAME RULES OPTION...: writes the trace to NAME, and the sources that were seen to NAME.seen.
run() {
  name=$work/$seed.$1 rules=$2
  shift 2
  timeout 60 env ${rules:+"LD_PRELOAD=$library" "CLUSTERBIND_RULES=$rules"} CLUSTERBIND_LOG=off \
    "$build/conformance-driver" "$seed" "$calls" "$@" > "$name" 2> "$name.seen" ||
    echo "broken: seed $seed, $*: status $?, $(tail -n 1 "$name.seen")"
}
seen() { sed -n 's/^bound //p' "$work/$seed.$1.seen"; }

# compare NAME RULES OPTION...: runs plain and under the rules, and prints the first call with
# another result. On a busy machine a handshake is sometimes late, in plain runs too; but such a
# difference does not occur three times.
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
