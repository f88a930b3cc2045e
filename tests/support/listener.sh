# Sourced: starts demo-listener, and finds out where a connection came from.
# shellcheck shell=sh

# start_listener BUILD-FOLDER LOG: sets `listener' (the process id) and `port'.
start_listener() {
  listener_log=$2
  : > "$2"
  "$1/demo-listener" > "$listener_log" &
  listener=$!
  port=
  for _ in $(seq 50); do
    port=$(sed -n '1s/^port //p' "$listener_log")
    [ -z "$port" ] || return 0
    sleep 0.2
  done
  echo 'the listener did not start' >&2
  return 1
}

# stop_listener: ends it, and waits until it has ended.
stop_listener() {
  [ -n "${listener:-}" ] || return 0
  kill "$listener" 2> /dev/null || true
  wait "$listener" 2> /dev/null || true
  listener=
}

# seen_by_listener COMMAND...: prints the address that the listener saw while the command ran, or
# `nothing' if no connection came. Leaves the command's output in LOG.command and its exit status in
# LOG.status.
seen_by_listener() {
  before=$(wc -l < "$listener_log")
  timeout 60 "$@" > "$listener_log.command" 2>&1 < /dev/null && status=0 || status=$?
  echo "$status" > "$listener_log.status"
  for _ in 1 2 3 4 5; do
    if [ "$(wc -l < "$listener_log")" -gt "$before" ]; then
      sed -n "$((before + 1))p" "$listener_log"
      return
    fi
    sleep 0.2
  done
  echo nothing
}
