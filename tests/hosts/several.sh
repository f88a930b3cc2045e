# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# several.sh - several units at once: if one fails, all of them stay unchanged; and --now keeps the
# order. Runs in a host that is already up, with the functions of units.sh.

# drop_in UNIT: prints its current text.
drop_in() { cat "$(file node-a "/etc/systemd/system/$1.d/zz-clusterbind.conf")"; }

# middle_fails: drop-ins that were written before the failure are restored, even those of units that
# were enabled before.
middle_fails() {
  local before
  unit first.service
  unit fresh.service
  unit undone.service
  unit blocked.service
  beside undone.service zzz.conf '[Service]' 'Environment='
  cp "$(file node-a /etc/clusterbind.conf)" "$(file node-a /etc/other.conf)"
  says 0 written clusterbind enable first
  before=$(drop_in first.service)
  says 1 'undone.service: its drop-in would not be in effect: .*zzz.conf' \
    clusterbind enable -c /etc/other.conf first fresh undone
  check 'first.service is as it was' [ "$(drop_in first.service)" = "$before" ]
  check 'fresh.service has no drop-in' [ ! -e "$(file node-a /etc/systemd/system/fresh.service.d)" ]
  # A file in place of the folder for its drop-ins.
  : >"$(file node-a /etc/systemd/system/blocked.service.d)"
  says 1 'blocked.service: /etc/systemd/system/blocked.service.d/zz-clusterbind.conf: Not a directory' \
    clusterbind enable -c /etc/other.conf first fresh blocked
  check 'first.service is as it was' [ "$(drop_in first.service)" = "$before" ]
  check 'fresh.service has no drop-in' [ ! -e "$(file node-a /etc/systemd/system/fresh.service.d)" ]
  check 'systemd has it so, too' eval '! inside node-a systemctl cat first fresh | grep -q other.conf'
  rm "$(file node-a /etc/systemd/system/blocked.service.d)"
}

main_pid() { inside node-a systemctl show -P MainPID "$1"; }

# now_in_order: --now stops at the first restart that fails, and says what is done and what is not.
now_in_order() {
  local one three
  unit one.service
  unit two.service 'ExecStartPre=/usr/bin/test ! -e /run/fail'
  unit three.service
  unit stopped.service
  inside node-a sh -c 'systemctl start one two three && touch /run/fail'
  one=$(main_pid one) three=$(main_pid three)
  says 1 'done: three.service; not done: two.service one.service' \
    clusterbind enable --now three stopped two one
  check 'the first was restarted' [ "$(main_pid three)" != "$three" ]
  check 'the last was not' [ "$(main_pid one)" = "$one" ]
  check 'what was stopped stays so' eval '! inside node-a systemctl -q is-active stopped'
  says 1 'one.service: restart it' clusterbind status three one
  rm "$(file node-a /run/fail)"
  says 0 '^restarted one.service$' clusterbind enable --now three one
  says 0 'verdict: all covered' clusterbind status three one
  says 1 'nothing was changed' clusterbind disable three nosuch
  says 0 'verdict: all covered' clusterbind status three one
}
