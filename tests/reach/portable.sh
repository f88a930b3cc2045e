#!/bin/sh
# Makes a portable build, and its archive and RPM: portable.sh SOURCE-FOLDER BUILD-FOLDER
# The other tests of this folder use them, in BUILD-FOLDER/portable.
set -eu
source=$1 build=$2/portable
cmake -S "$source" -B "$build" -D CLUSTERBIND_PORTABLE=ON -D CMAKE_BUILD_TYPE=Release
nice -n 5 cmake --build "$build" -j "$(nproc)"
rm -f "$build"/*.tar.gz "$build"/*.rpm
cpack --config "$build/CPackConfig.cmake" -G TGZ -B "$build"
cpack --config "$build/CPackConfig.cmake" -G RPM -B "$build"
