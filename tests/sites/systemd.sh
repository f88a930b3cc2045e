# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# systemd.sh - the drop-ins of config/examples/systemd, each with the MTA's own unit under
# a real systemd.

# shellcheck source=mta.sh
. "$here/mta.sh"

declare -A unit=([postfix]=postfix@- [exim]=exim4 [sendmail]=sendmail [opensmtpd]=opensmtpd)
declare -A drop_in=([postfix]=postfix [exim]=exim4 [sendmail]=sendmail [opensmtpd]=opensmtpd)

# unit_up: systemd, with the drop-in where its first line says, and the rule file.
unit_up() {
  local source=$examples/systemd/${drop_in[$mta]}.conf target
  boot node-a "$mta" systemd || return
  target=$(sed -n '1s/^# \([^ ]*\) .*/\1/p' "$source")
  mkdir -p "$(file node-a "${target%/*}")"
  cp "$source" "$(file node-a "$target")"
  cp "$examples/$mta.conf" "$(file node-a /etc/clusterbind.conf)"
  "${mta}_configure" node-a
  if [ "$mta" = exim ]; then
    # The two lines of exim.sh that prepare a setuid Exim.
    cp "$examples/recipe.sh" "$(file node-a /root)"
    sed -n '/^\. /p; /^allow_secure/p; /^exim_preload/p' "$examples/exim.sh" >"$(file node-a /root/prepare)"
    inside node-a sh -c 'cd /root && sh ./prepare'
  fi
  await 20 inside node-a systemctl list-units >/dev/null 2>&1
  inside node-a systemctl daemon-reload
}

run_systemd() {
  local family address
  topology_up && take node-a && start_site || return
  for mta in postfix exim sendmail opensmtpd; do
    # shellcheck source=/dev/null
    . "$here/mta-$mta.sh"
    unit_up || return
    check "$mta: systemctl start ${unit[$mta]}" inside node-a systemctl start "${unit[$mta]}"
    takes_mail ::1
    deliver 'systemd drop-in' drop
    # A wrong rule file starts nothing.
    inside node-a systemctl stop "${unit[$mta]}"
    echo 'bind nonsense' >>"$(file node-a /etc/clusterbind.conf)"
    check "$mta: with wrong rules it does not start" eval \
      "! inside node-a systemctl start ${unit[$mta]}"
    end_host node-a
  done
}
