# Sourced by the shell tests: each row is a command with its expected exit status and output.
# shellcheck shell=sh

# Set by whoever starts the test; the rows set what they need.
unset LD_PRELOAD CLUSTERBIND_RULES CLUSTERBIND_CONFIG CLUSTERBIND_FOLLOW CLUSTERBIND_LOG CLUSTERBIND_LOG_TO

rows=0
failed=0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# cannot REASON: ends a test that cannot run here. CTest reports status 77 as skipped; in CI nothing
# may be skipped.
cannot() {
  printf 'cannot run: %s\n' "$1"
  [ "${CI:-}" = true ] && exit 1
  exit 77
}

# copy_build: sets `build' to a copy of the library, the tool and the wrapper that every user can
# reach, because the checkout may lie below /root.
copy_build() {
  chmod 755 "$work"
  mkdir "$work/build"
  cp "$build/libclusterbind.so" "$build/clusterbind" "$build/clusterbind-run" "$work/build" || exit 1
  build=$work/build
}

# has_namespaces OPTION...: ends the test if these cannot be made. The message of unshare(1) gives
# the reason, for example that / is not a mount point.
has_namespaces() {
  reason=$(unshare "$@" true 2>&1) || cannot "no namespaces: ${reason#unshare: }"
}

# in_own_network ARGUMENT...: runs the test, from its beginning and with these arguments, in a network
# namespace of its own. There it does nothing.
in_own_network() {
  if [ -n "${own_network:-}" ]; then
    unset own_network
    return
  fi
  has_namespaces --net
  rm -rf "$work"
  exec env own_network=1 unshare --net sh "$0" "$@"
}

# wrong MESSAGE: counts a failure and shows the output.
wrong() {
  failed=$((failed + 1))
  printf 'FAIL: %s\n' "$1"
  [ ! -s "$work/output" ] || sed 's/^/    | /' "$work/output"
}

# row STATUS PATTERN COMMAND...: checks the exit status, and that a line of the output matches
# PATTERN, an extended regular expression; after a leading `!', that no line does.
row() {
  want=$1 pattern=$2
  shift 2
  rows=$((rows + 1))
  status=0
  timeout 60 "$@" > "$work/output" 2>&1 < /dev/null || status=$?
  if [ "$status" -ne "$want" ]; then
    wrong "$*: exit status $status, not $want"
  elif [ "${pattern#!}" != "$pattern" ]; then
    if grep -a -q -E -e "${pattern#!}" "$work/output"; then wrong "$*: has ${pattern#!}"; fi
  elif [ -n "$pattern" ] && ! grep -a -q -E -e "$pattern" "$work/output"; then
    wrong "$*: lacks $pattern"
  fi
}

# finish: must be called at the end of every test.
finish() {
  printf '%s rows, %s failed\n' "$rows" "$failed"
  [ "$rows" -gt 0 ] && [ "$failed" -eq 0 ]
  exit
}
