#!/bin/sh
# In a plain chroot / is no mount point, and no mount namespace can be made: tests that need one are
# skipped there, with the reason, and the others run. Usage: plain_test.sh SOURCE-FOLDER
# BUILD-FOLDER
set -u
source=$1 build=$2
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$source/tests/support/table.sh"

if [ "${3:-}" != inside ]; then
  [ "$(id -u)" -eq 0 ] || cannot 'it needs root'
  has_namespaces --mount
  mkdir "$work/root"
  unshare --mount sh "$0" "$source" "$build" inside "$work/root"
  exit
fi

# This system a second time, in a folder that is not a mount point itself. The caller, who removes
# the folder, does not see these mounts.
root=$4
for path in /*; do
  if [ -L "$path" ]; then
    cp -P "$path" "$root"
  elif [ -d "$path" ] && [ "$path" != /sys ]; then
    mkdir "$root$path"
    mount --rbind "$path" "$root$path" || cannot 'mount fails'
  fi
done
# CTest writes into this folder, and not into that of the run that this test belongs to.
mkdir "$work/tests"
echo "subdirs(\"$build\")" > "$work/tests/CTestTestfile.cmake"
plain() { row "$1" "$2" chroot "$root" env -u CI sh -c "cd '$work/tests' && $3"; }
reason='cannot change root filesystem propagation: Invalid argument'
plain 1 "$reason" 'unshare -m true'

plain 0 'faults .*Skipped' "ctest --output-junit '$work/results.xml' \
  -R '^(faults|secure_test|root_test|need_test|sites|plain_test|log_test)\$'"
row 0 . awk -f "$source/tests/results.awk" "$work/results.xml"
cp "$work/output" "$work/named"
for name in faults secure_test root_test need_test sites plain_test; do
  row 0 "^$name skipped: no (mount namespace|namespaces): $reason\$" cat "$work/named"
done
row 0 '^log_test without syslog: /dev/log needs a mount namespace$' cat "$work/named"
plain 0 'Passed' "ctest -R '^(lives|sources_test)\$'"

finish
