#!/bin/sh
# clusterbind check --start, which a systemd unit runs before its program. Usage: start_test.sh
# BUILD-FOLDER FOLDER-OF-TEST-PROGRAMS
set -u
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
build=$1 programs=$2
library=$build/libclusterbind.so
cd "$work" || exit 1
chmod 755 .

# starts STATUS PATTERN VARIABLE...: runs it with these variables; it prints one line or nothing.
starts() {
  status=$1 pattern=$2
  shift 2
  row "$status" "$pattern" env "$@" "$build/clusterbind" check --start
  lines=$(grep -vc '^ERROR: ld.so' output) # those are the loader's own
  if [ "$lines" -ne "$status" ]; then wrong "$*: $lines lines, not $status"; fi
}

echo 'bind 203.0.113.25 to any port 25' > right.conf # not here, and for one family: neither matters
echo 'bind 203.0.113.25 to; nonsense' > wrong.conf
starts 0 '' CLUSTERBIND_CONFIG="$work/right.conf" LD_PRELOAD="$library"
starts 0 '' CLUSTERBIND_RULES='bind 203.0.113.25' LD_PRELOAD="/nowhere/x.so $library"
starts 1 '^clusterbind: LD_PRELOAD does not name libclusterbind.so: ' CLUSTERBIND_RULES=direct
starts 1 ' does not name libclusterbind.so: ' CLUSTERBIND_RULES=direct LD_PRELOAD=/nowhere/libother.so
starts 1 'LD_PRELOAD=/nowhere/libclusterbind.so, but the loader does not load it$' \
  CLUSTERBIND_RULES=direct LD_PRELOAD=/nowhere/libclusterbind.so
echo text > libclusterbind.so
starts 1 'the loader does not load it$' CLUSTERBIND_RULES=direct LD_PRELOAD="$work/libclusterbind.so"
starts 1 'wrong.conf:1:21: error: .* \(and 1 more error\)$' CLUSTERBIND_CONFIG="$work/wrong.conf" LD_PRELOAD="$library"
starts 1 'absent.conf: No such file' CLUSTERBIND_CONFIG="$work/absent.conf" LD_PRELOAD="$library"
starts 1 'must be an absolute path' CLUSTERBIND_CONFIG=right.conf LD_PRELOAD="$library"
if [ ! -e /etc/clusterbind.conf ]; then starts 1 '^clusterbind: no rules: ' LD_PRELOAD="$library"; fi
if [ "$(id -u)" = 0 ]; then
  cp right.conf mine.conf
  chown 1 mine.conf
  starts 1 'mine.conf: not owned by root: the library refuses the file' \
    CLUSTERBIND_CONFIG="$work/mine.conf" LD_PRELOAD="$library"
fi

# What cannot be determined is no error: no dynamic program can be started.
mkdir bin
cp "$programs/hold-static" bin/cat
starts 0 '' CLUSTERBIND_RULES=direct PATH="$work/bin"
rm bin/cat
starts 0 '' CLUSTERBIND_RULES=direct PATH="$work/bin"

row 64 "unrecognized option '--start' for explain: it belongs to check" \
  "$build/clusterbind" explain --start 192.0.2.1 25
finish
