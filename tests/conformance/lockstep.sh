#!/bin/sh
# Makes the same random calls plain and under rules in the kernel: lockstep.sh BUILD [SEEDS [CALLS
# [FIRST]]]
# Each answer that differs must have a reason in differences.cc, and each reason must still occur. A
# connection from another address than the rules' is an error too. CI runs 100 seeds of 500 calls.
# For a nightly run: lockstep.sh build 5000 2000
set -u

if [ "$1" = one ]; then
  build=$2 group=$3 protocol=$4 seed=$5 calls=$6 result=$7
  # On a busy machine a handshake is sometimes late, in plain runs too; but such a difference does
  # not occur three times.
  for _ in 1 2 3; do
    timeout 60 "$build/conformance-lockstep" "$build/conformance-driver" "$group" "$seed" "$calls" \
      "$protocol" > "$result" 2>&1 && exit
  done
  echo "broken: seed $seed, ${group##*/}" >> "$result"
  exit 0
fi

build=$(cd "$1" && pwd) seeds=${2:-100} calls=${3:-500} first=${4:-1}
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
# shellcheck source-path=SCRIPTDIR source=../kernel/group.sh
. "$(dirname "$0")/../kernel/group.sh"
in_own_network "$@"
has_groups
ip link set lo up

sum() { awk -v what="$2" '$1 == what { sum += $2 } END { print sum + 0 }' "$1"; }

# under NAME PROTOCOL RULES: runs all seeds under these rules; `seen' names the file with the
# results.
under() {
  name=$1 protocol=$2
  mkdir "$group/$name" "$work/$name"
  row 0 'in force' "$build/clusterbind" attach --cgroup "$group/$name" -r "$3"
  # The runs mostly wait for connections that nobody answers, so many of them run at a time.
  seq "$first" $((first + seeds - 1)) |
    xargs -P 10 -I SEED sh "$0" one "$build" "$group/$name" "$protocol" SEED "$calls" \
      "$work/$name/SEED"
  seen=$work/$name.seen
  cat "$work/$name"/* > "$seen"
  # A run that found a difference, or that did not end, has no line with its calls.
  row 0 '' test "$(grep -c '^calls ' "$seen")" -eq "$seeds"
  row 1 '' grep -E -A 15 '^(difference|wrong source|broken)' "$seen"
  echo "lockstep, $name: seeds: $seeds, calls: $(sum "$seen" calls), bound: $(sum "$seen" bound)"
}

to='127.0.0.25 fd00:c1::25 to 127.0.0.0/8, ::1'
under none none \
  "bind 127.0.0.25 fd00:c1::25 to 198.51.100.0/24, 2001:db8:1::/48 proto any; refuse port 1-9"
row 1 '' grep '^reason [1-9]' "$seen"
row 0 '' test "$(sum "$seen" bound)" -eq 0
for rules in "tcp tcp bind $to else direct" "any any bind $to proto any else direct" \
  "refuse refuse bind $to proto any"; do
  protocol=${rules#* }
  under "${rules%% *}" "${protocol%% *}" "${protocol#* }"
  # With `else direct` nothing is refused.
  case $rules in
    *direct) row 1 '' grep '^reason [1-9][0-9]* else decides' "$seen" ;;
  esac
  # If nothing was bound, the rules were not in force, and the comparison was void.
  row 0 '' test "$(sum "$seen" bound)" -gt "$((seeds * calls / 50))"
  cat "$seen" >> "$work/all"
done
awk '$1 == "reason" { reason = substr($0, length($2) + 9); sum[reason] += $2 }
  END { for (reason in sum) printf "%7d %s\n", sum[reason], reason }' "$work/all" > "$work/reasons"
sort -n -r "$work/reasons"
# In a short run, some reasons do not occur.
[ "$seeds" -lt 100 ] || row 1 '' grep -E '^ +0 ' "$work/reasons"
finish
