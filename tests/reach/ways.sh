# Sourced behind table.sh.
# shellcheck shell=sh

# all_ways ADDRESS COMMAND...: a row: each connection of subject.c comes from this address.
all_ways() {
  from=$1
  shift
  row 0 '' "$@"
  rows=$((rows + 1))
  [ "$(grep -c " $from\$" "$work/output")" -eq 19 ] && [ "$(wc -l < "$work/output")" -eq 19 ] ||
    wrong "$*: not every connection comes from $from"
}
