#!/bin/sh
# Fuzzes with clang's libFuzzer, the address sanitizer and the undefined-behaviour sanitizer:
#   fuzz.sh [MINUTES [TARGET...]]
# Each target runs for MINUTES (default 10; fractions are allowed). New inputs are kept in
# build-fuzz/corpus, and inputs that show a fault in build-fuzz/findings. Exit status 0 means no
# findings.
set -eu
cd "$(dirname "$0")/../.."
minutes=${1:-10}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- fuzz_rules fuzz_target
seconds=$(awk -v minutes="$minutes" 'BEGIN { print int(minutes * 60) }')

cxx=${CXX:-clang++}
command -v "$cxx" > /dev/null || { echo "missing: $cxx (Debian: clang, libclang-rt-dev)" >&2; exit 1; }
cmake -S . -B build-fuzz -D CMAKE_BUILD_TYPE=RelWithDebInfo -D CMAKE_CXX_COMPILER="$cxx" \
  -D CLUSTERBIND_SANITIZE=address,undefined > /dev/null
cmake --build build-fuzz -j "$(nproc)" --target clusterbind_fuzzers

status=0
for target; do
  seeds=tests/fuzz/corpus/${target#fuzz_}
  mkdir -p "build-fuzz/corpus/$target" build-fuzz/findings
  options="-max_total_time=$seconds -timeout=10 -rss_limit_mb=3000 -print_final_stats=1"
  if [ -x "build-fuzz/${target}_dictionary" ]; then
    "build-fuzz/${target}_dictionary" > "build-fuzz/$target.dict"
    options="$options -dict=build-fuzz/$target.dict"
  fi
  # shellcheck disable=SC2086 # one word for each option
  "build-fuzz/$target" $options "-artifact_prefix=build-fuzz/findings/$target-" \
    "build-fuzz/corpus/$target" "$seeds" > "build-fuzz/$target.log" 2>&1 || status=1
  findings=$(find build-fuzz/findings -name "$target-*" | wc -l)
  echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "build-fuzz/$target.log")" \
    "executions, $findings findings"
  [ "$status" -eq 0 ] || tail -n 40 "build-fuzz/$target.log"
done
exit "$status"
