# Sourced by the shell tests: one row is one command with what it must exit with and print.
# shellcheck shell=sh

rows=0
failed=0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# cannot REASON: this test cannot run here. CTest calls 77 skipped; in CI nothing may be.
cannot() {
  printf 'cannot run: %s\n' "$1"
  [ "${CI:-}" = true ] && exit 1
  exit 77
}

# copy_build: sets `build' to a copy of the library, tool and wrapper that every user can reach: the checkout may
# lie below /root.
copy_build() {
  chmod 755 "$work"
  mkdir "$work/build"
  cp "$build/libclusterbind.so" "$build/clusterbind" "$build/clusterbind-run" "$work/build" || exit 1
  build=$work/build
}

# has_namespaces OPTION...: or this test cannot run here. unshare's own words say why: / may be no
# mount point.
has_namespaces() {
  reason=$(unshare "$@" true 2>&1) || cannot "no namespaces: ${reason#unshare: }"
}

# wrong MESSAGE: counts a failure and tells what was seen.
wrong() {
  failed=$((failed + 1))
  printf 'FAIL: %s\n' "$1"
  [ ! -s "$work/output" ] || sed 's/^/    | /' "$work/output"
}

# row STATUS PATTERN COMMAND...: the exit status, and an extended regular expression that a line of
# its output matches; `!' before the pattern: no line does.
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

# finish: the end of every test.
finish() {
  printf '%s rows, %s failed\n' "$rows" "$failed"
  [ "$rows" -gt 0 ] && [ "$failed" -eq 0 ]
  exit
}
