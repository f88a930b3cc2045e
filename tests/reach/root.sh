# Rows in a root of another C library. Sourced behind table.sh and listener.sh.
# shellcheck shell=bash disable=SC2154 # table.sh sets work, listener.sh listener_log, the test inside

# shell STATUS PATTERN COMMANDS: a row, in the root.
shell() { row "$1" "$2" "${inside[@]}" sh -c "$3"; }
# sees ADDRESS COMMANDS: a row, in the root: where the listener saw the connection come from.
sees() {
  rows=$((rows + 1))
  local seen
  seen=$(seen_by_listener "${inside[@]}" sh -c "$2")
  cp "$listener_log.command" "$work/output"
  [ "$seen" = "$1" ] || wrong "$2: the listener saw $seen, not $1"
}
