# Sourced after table.sh.
# shellcheck shell=sh disable=SC2154 # table.sh sets work

# all_ways ADDRESS COMMAND...: a row: every connection of subject.c comes from this address.
all_ways() {
  from=$1
  shift
  row 0 '' "$@"
  rows=$((rows + 1))
  right=$(grep -c " $from\$" "$work/output")
  if [ "$right" -ne 19 ] || [ "$(wc -l < "$work/output")" -ne 19 ]; then
    wrong "$*: not every connection comes from $from"
  fi
}
