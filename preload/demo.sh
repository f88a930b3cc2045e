#!/bin/sh
# Shows the main use on loopback alone: msmtp, unmodified, connects to a listener, first plain and
# then under the wrapper, and the listener prints where each connection came from.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=tests/support/listener.sh
. tests/support/listener.sh
# shellcheck source=tests/proc.sh
. tests/proc.sh

node=127.0.0.1
cluster=127.0.0.25
rules="bind $cluster to 127.0.0.0/8"

trap unmount_proc EXIT
trap 'exit 1' HUP INT TERM
mount_proc
sh tests/need.sh build demo
mkdir -p build
echo 'building, which takes a minute or two the first time; the log is build/demo.log'
if ! { cmake -S . -B build -D CMAKE_BUILD_TYPE=Release &&
  cmake --build build -j "$(nproc)" --target clusterbind_library clusterbind \
    clusterbind-bench demo-listener; } > build/demo.log 2>&1; then
  tail -n 40 build/demo.log >&2
  exit 1
fi

work=$(mktemp -d)
trap 'stop_listener; rm -rf "$work"; unmount_proc' EXIT
# The wrapper requires a library that every user can reach, but the checkout may lie below /root.
chmod 755 "$work"
cp build/libclusterbind.so build/clusterbind build/clusterbind-run "$work"
start_listener build "$work/listener"

# send COMMAND...: sends a message with msmtp, which is started by COMMAND if there is one.
send() {
  printf 'Subject: demo\n\nHello.\n' > "$work/message"
  seen_by_listener "$@" sh -c 'msmtp --file=/dev/null --host=127.0.0.1 --port="$0" --auth=off \
    --tls=off --from=a@example.org b@example.org < "$1"' "$port" "$work/message"
}

# show TITLE ADDRESS WANTED: prints the result of a connection, and checks it.
show() {
  printf '%-28s the listener saw %s\n' "$1" "$2"
  if [ "$2" != "$3" ] || [ "$(cat "$work/listener.status")" -ne 0 ]; then
    echo "expected $3 and a message delivered; what the command said:" >&2
    cat "$work/listener.command" >&2
    exit 1
  fi
}

echo "rules: $rules"
show 'msmtp' "$(send)" "$node"
show 'clusterbind-run ... msmtp' "$(send "$work/clusterbind-run" -r "$rules")" "$cluster"
echo 'measuring, for up to 20 seconds'
build/clusterbind-bench latency --quick --brief
