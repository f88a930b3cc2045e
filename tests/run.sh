#!/bin/sh
# Builds and tests everything: run.sh [quick | LABEL...]
# With labels it runs only the tests that have one of them, and only the builds that those need.
# `quick' is the inner loop: one build, and the labels unit and preload.
# It installs packages that are missing, for which it needs root or sudo. Some tests need root.
# Tests that cannot run here are listed with the reason.
set -u
cd "$(dirname "$0")/.." || exit 1
unset LD_PRELOAD CLUSTERBIND_RULES CLUSTERBIND_CONFIG CLUSTERBIND_FOLLOW CLUSTERBIND_LOG
unset CLUSTERBIND_LOG_TO DESTDIR
# shellcheck source-path=SCRIPTDIR source=proc.sh
. tests/proc.sh
trap unmount_proc EXIT
trap 'exit 1' HUP INT TERM
mount_proc || exit 1

sanitized='unit|fuzz' # the labels of tests that also run under the sanitizers
jobs=$(nproc)
passed=0 failed=0 skipped=0
results= # files of CTest, from which the end of the output repeats what was wrong

# build PRESET FOLDER TARGET [OPTION...]: configures and builds this preset of CMakePresets.json, which
# has this folder. A failure counts as a failed test. $calm is the command that the build runs under.
calm=
build() {
  preset=$1 folder=$2 target=$3
  shift 3
  echo "building $folder"
  mkdir -p "$folder"
  if cmake --preset "$preset" -D BUILD_TESTING=ON "$@" > "$folder/build.log" 2>&1 &&
    $calm cmake --build "$folder" -j "$jobs" --target "$target" >> "$folder/build.log" 2>&1; then
    return 0
  fi
  tail -n 60 "$folder/build.log"
  echo "FAIL: building $folder"
  failed=$((failed + 1))
  return 1
}
build_sanitizers() { build asan build-sanitize clusterbind_unit_tests; }
build_threads() { build tsan build-thread reload_test; }
build_clang() { build clang build-clang clusterbind_unit_tests; }
build_32() { build 32-bit build-32 all -D CMAKE_CROSSCOMPILING_EMULATOR=; }

# tests_that FOLDER STATUS: how many tests of the last run in this folder have this status.
tests_that() { grep -c "^[[:blank:]]*<testcase .* status=\"$2\"" "$1/results.xml"; }

# run_tests FOLDER LABELS: runs the tests with these labels; if LABELS is empty, all tests.
run_tests() {
  rm -f "$1/results.xml"
  result=0
  ctest --test-dir "$1" ${2:+-L "^($2)\$"} -j "$jobs" --output-on-failure --timeout 900 \
    --output-junit "$(pwd)/$1/results.xml" || result=$?
  if [ ! -f "$1/results.xml" ]; then
    echo "FAIL: $1: ctest left no results"
    failed=$((failed + 1))
    return
  fi
  # Prints what the tests have counted, because ctest shows the output of failed tests only.
  grep -E '^(seeds|lockstep, [a-z]+|lives|fault cases|fuzz_[a-z_]+): ' "$1/Testing/Temporary/LastTest.log"
  by_choice=$(grep -c '<skipped message="SKIP_' "$1/results.xml")
  bad=$(($(tests_that "$1" fail) + $(tests_that "$1" notrun) - by_choice))
  if [ "$bad" -eq 0 ] && [ "$result" -ne 0 ]; then bad=1; fi
  passed=$((passed + $(tests_that "$1" run)))
  failed=$((failed + bad))
  skipped=$((skipped + by_choice))
  awk -f tests/results.awk "$1/results.xml"
  results="$results $1/results.xml"
}

wants_sanitizers=1 wants_threads=1 wants_clang=1 wants_32=1
quick=
if [ "$*" = quick ]; then
  quick=1
  set -- unit preload
fi
labels=
for label; do
  labels=${labels:+$labels|}$label
done
if [ -n "$labels" ]; then
  set -- "$@" build
  wants_clang=
  case "|$labels|" in
    *'|unit|'* | *'|fuzz|'*) ;;
    *) wants_sanitizers= ;;
  esac
  case "|$labels|" in
    *'|unit|'* | *'|threads|'*) ;;
    *) wants_threads= ;;
  esac
  case "|$labels|" in
    *'|32|'*) ;;
    *) wants_32= ;;
  esac
  [ -z "$quick" ] || wants_sanitizers='' wants_threads=''
else
  set -- build clang style package root 32 preload tool bench conformance sites hosts reach cross
fi
sh tests/need.sh "$@" || exit 1

# A portable build, and the library for a second architecture, share object files with this build.
if command -v ccache > /dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi

if build release build all; then
  rm -f build/sites-tables.txt build/hosts-tables.txt
  # The other builds and clang-tidy take as long as all tests together, and many of those wait, so they
  # run beside them. A build that fails here fails again below, where it is reported. The test
  # style_tidy waits for clang-tidy, and reports its findings.
  (
    calm='nice -n 19'
    [ -z "$wants_sanitizers" ] || build_sanitizers
    [ -z "$wants_threads" ] || build_threads
    [ -z "$wants_clang" ] || build_clang
    [ -z "$wants_32" ] || build_32
  ) > /dev/null 2>&1 &
  builds=$!
  tidy=
  case "|${labels:-style}|" in
    *'|style|'*)
      nice -n 19 sh tests/style/style.sh "$(pwd)/build" tidy &
      tidy=$!
      ;;
  esac
  run_tests build "$labels"
  wait "$builds"
  [ -z "$tidy" ] || wait "$tidy"
  if [ -n "$quick" ] && command -v clang-tidy > /dev/null; then
    if sh tests/style/style.sh "$(pwd)/build" tidy-changed; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
    fi
  fi
  # Prints the tables of the tests sites and hosts, because ctest shows the output of failed tests
  # only.
  for tables in build/sites-tables.txt build/hosts-tables.txt; do
    [ ! -f "$tables" ] || cat "$tables"
  done
fi
if [ -n "$wants_sanitizers" ] && build_sanitizers; then
  run_tests build-sanitize "$sanitized"
fi
if [ -n "$wants_threads" ] && build_threads; then
  run_tests build-thread threads
fi
if [ -n "$wants_clang" ] && build_clang; then
  run_tests build-clang unit
fi
if [ -n "$wants_32" ] && build_32; then
  if build-32/address_test --list-tests > /dev/null 2>&1; then
    run_tests build-32 'unit|preload'
  else
    # An emulator lacks socket options that the tests of the library need.
    echo 'this kernel runs no 32-bit programs: the unit tests alone, under qemu'
    cmake -D CMAKE_CROSSCOMPILING_EMULATOR=qemu-i386-static build-32 > /dev/null
    run_tests build-32 unit
  fi
fi
# Runs each target for a moment, and prints how often it ran.
if [ -n "$wants_clang" ]; then
  echo 'fuzzing'
  if sh tests/fuzz/fuzz.sh 0.3; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
fi

# In CI a test that cannot run counts as failed.
if [ "${CI:-}" = true ]; then
  failed=$((failed + skipped))
  skipped=0
fi
# shellcheck disable=SC2086 # it is a list
[ -z "$results" ] || awk -v list=failed -f tests/results.awk $results
[ $((passed + failed)) -gt 0 ] || echo 'no test ran'
echo "$passed passed, $failed failed, $skipped skipped"
[ "$passed" -gt 0 ] && [ "$failed" -eq 0 ]
