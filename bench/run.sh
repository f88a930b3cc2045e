#!/bin/sh
# The full run, for some fifteen minutes: builds, measures every part, and writes the results to
# bench/results and the README. It needs root and a machine that does nothing else.
set -eu
cd "$(dirname "$0")/.."
sh tests/need.sh build bench
cmake -S . -B build -D CMAKE_BUILD_TYPE=Release > /dev/null
cmake --build build -j "$(nproc)" --target clusterbind_library clusterbind-bench > /dev/null
mkdir -p bench/results
build/clusterbind-bench all --results bench/results "$@" | tee build/bench.log
python3 bench/readme.py --write
