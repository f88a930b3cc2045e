#!/bin/sh
# Checks what the library's file promises: library_test.sh BUILD-FOLDER
set -u
build=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$here/../support/table.sh"
library=$build/libclusterbind.so
command -v readelf > /dev/null || cannot 'there is no readelf'
cd "$work" || exit 1

# shellcheck source-path=SCRIPTDIR source=library_file.sh
. "$here/library_file.sh"
check_library_file "$library" "$here/../.."

# It is small, because it is mapped into every process of a mail system.
strip -o stripped "$library"
rows=$((rows + 1))
: > output
[ "$(wc -c < stripped)" -le 73728 ] || wrong "stripped it has $(wc -c < stripped) bytes"

# Its version is that of the tools; `clusterbind' looks for this text.
version=$("$build/clusterbind" --version | sed 's/.* //')
row 0 '' grep -a -q -F "libclusterbind $version" "$library"
row 0 " $version\$" "$build/clusterbind-run" --version
row 0 " $version\$" "$build/clusterbind-bench" --version

# Our own tools work the same under our own library as without it.
preloaded() { env LD_PRELOAD="$library" CLUSTERBIND_RULES='direct to any' "$@"; }
for command in 'check -r direct' 'explain --rules direct 198.51.100.7 25' 'doctor -r direct /bin/true'; do
  # shellcheck disable=SC2086 # words
  "$build/clusterbind" $command > plain 2>&1
  # shellcheck disable=SC2086 # words
  preloaded "$build/clusterbind" $command > under 2>&1
  same "clusterbind $command, under the library" plain under
done
row 0 '' env LD_PRELOAD="$library" CLUSTERBIND_RULES=direct "$build/clusterbind-bench" --version
row 0 'libclusterbind.so' env LD_PRELOAD="$library" cat /proc/self/maps

finish
