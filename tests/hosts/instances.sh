# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# instances.sh - two instances of Postfix, each with its own address, on Debian 12 and 13.

# shellcheck source=host.sh
. "$jobs/host.sh"

# second_instance: makes one in /etc/postfix-out, for mail on port 2525, with its own rules.
second_instance() {
  inside node-a sh -ec '
    postmulti -e init
    postmulti -e create -I postfix-out
    postmulti -e enable -i postfix-out
    postconf -c /etc/postfix-out -e master_service_disable= inet_interfaces=all \
      inet_protocols=all "mynetworks=127.0.0.0/8 [::1]/128" \
      "$(postconf myhostname)" "$(postconf mydestination)" "$(postconf transport_maps)"
    sed -i "s/^smtp  *inet/2525 inet/" /etc/postfix-out/master.cf
    sed "s/192[.]0[.]2[.]25/192.0.2.26/; s/2001:db8::25/2001:db8::26/" \
      /etc/clusterbind.conf >/etc/clusterbind-out.conf
    systemctl daemon-reload' >"$tmp/instance" 2>&1 || cat "$tmp/instance"
}

both_take_mail() { takes_mail && takes_mail_at 2525; }

# instances DEBIAN ROOT FIRST SECOND: FIRST and SECOND are the two units.
instances() {
  local debian=$1 first=$3 second=$4 array of_first of_second
  local -A first_before first_enabled first_disabled
  local -A before enabled disabled
  host_up "$2" postfix && second_instance || return
  inside node-a systemctl start postfix "$second"
  check 'both take mail' both_take_mail || return
  sources first_before && sources before 2525
  check "enable $first" show clusterbind enable --now "$first"
  check "enable $second" show clusterbind enable --now -c /etc/clusterbind-out.conf "$second"
  changes_nothing clusterbind enable "$first"
  changes_nothing clusterbind enable -c /etc/clusterbind-out.conf "$second"
  check 'both take mail' both_take_mail || return
  check 'status' show clusterbind status
  of_first=$(verdict "$first") of_second=$(verdict "$second")
  sources first_enabled && sources enabled 2525
  check "disable $first $second" show clusterbind disable --now "$first" "$second"
  check 'both take mail' both_take_mail || return
  sources first_disabled && sources disabled 2525
  source_rows "$debian" "$second" library second "$of_second"
  for array in before enabled disabled; do
    local -n from=first_$array to=$array
    to[4]=${from[4]} to[6]=${from[6]}
  done
  source_rows "$debian" "$first" library cluster "$of_first"
}

# by_template: one drop-in for all instances. The administrator's own drop-in gives each its rule
# file.
by_template() {
  local template=postfix@.service folder
  folder=$(file node-a /etc/systemd/system/$template.d)
  mkdir -p "$folder" "$(file node-a /etc/clusterbind)"
  printf '[Service]\nEnvironment=CLUSTERBIND_CONFIG=/etc/clusterbind/%%i.conf\n' >"$folder/rules.conf"
  inside node-a systemctl daemon-reload
  says 1 '/etc/clusterbind/-.conf' clusterbind enable "$template"
  inside node-a sh -c 'cp /etc/clusterbind.conf /etc/clusterbind/-.conf &&
    cp /etc/clusterbind-out.conf /etc/clusterbind/postfix-out.conf'
  check "enable $template" show clusterbind enable --now "$template"
  check 'both take mail' both_take_mail || return
  says 0 'configure-instance.sh %i runs before' clusterbind enable "$template"
  says 0 'rules +/etc/clusterbind/-.conf' clusterbind status "$template"
  says 0 'rules +/etc/clusterbind/postfix-out.conf' clusterbind status "$template"
  says 0 'verdict: all covered' clusterbind status "$template"
  check 'the first sends from the one address' [ "$(source_of 4)" = "$cluster4" ]
  check 'the second from the other' [ "$(source_of 4 2525)" = "$second4" ]
}

run_instances() {
  topology_up && take node-a && take node-a second && start_site || return
  firewall open
  instances 12 postfix postfix@-.service postfix@postfix-out.service
  by_template
  end_host node-a
  instances 13 trixie/postfix postfix.service postfix@out.service
}
