# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# transports.sh - Postfix with a transport that has its own address, by the recipe; and with a
# content filter on loopback, which the rules leave alone. Runs in a host that is already up.

# transport_of_its_own UNIT: for mail to site 1.
transport_of_its_own() {
  local status
  local -A before enabled disabled
  cp "$examples/postfix-transport.sh" "$(file node-a /usr/lib/postfix/sbin/smtp-partner)"
  sed 's/192[.]0[.]2[.]25/192.0.2.26/; s/2001:db8::25/2001:db8::26/' "$examples/postfix.conf" \
    >"$(file node-a /etc/clusterbind-partner.conf)"
  inside node-a sh -c "chmod 755 /usr/lib/postfix/sbin/smtp-partner
    $(sed -n 's/^#     \(postconf -M .*\)/\1/p' "$examples/postfix-transport.sh")
    sed -i 's/ smtp:/ partner:/' /etc/postfix/transport; postfix reload" >/dev/null 2>&1
  takes_mail
  sources before
  inside node-a clusterbind enable --now "$1" >/dev/null
  takes_mail
  status=$(verdict "$1")
  sources enabled
  inside node-a clusterbind disable --now "$1" >/dev/null
  takes_mail
  sources disabled
  source_rows 12 "$1, a transport" postfix-transport.sh second "$status"
  inside node-a sh -c "sed -i 's/ partner:/ smtp:/' /etc/postfix/transport"
}

# filtered_from: the source address of the mail, as the content filter sees it. The filter is
# another smtpd.
filtered_from() {
  inside node-a journalctl --no-pager -t postfix/filter/smtpd |
    sed -n 's/.*: connect from [^[]*\[\([^]]*\)\].*/\1/p' | tail -n 1 | grep . || echo -
}

# content_filter UNIT: mail goes through the filter, and then to site 1.
content_filter() {
  local status
  local -A before enabled disabled from
  inside node-a sh -ec '
    postconf -M "127.0.0.1:10024/inet=127.0.0.1:10024 inet n - n - - smtpd -o content_filter= -o syslog_name=postfix/filter"
    postconf -e "content_filter = smtp:[127.0.0.1]:10024"
    postfix reload' >/dev/null 2>&1
  takes_mail
  sources before && from[before]=$(filtered_from)
  inside node-a clusterbind enable --now "$1" >/dev/null
  takes_mail
  status=$(verdict "$1")
  sources enabled && from[enabled]=$(filtered_from)
  # Postfix's own setting applies to loopback too.
  inside node-a sh -c "clusterbind disable --now '$1' && postconf -e smtp_bind_address=$cluster4 && postfix reload" >/dev/null 2>&1
  takes_mail
  sources disabled && from[own]=$(filtered_from)
  check "smtp_bind_address moves what goes to the filter, too" [ "${from[own]}" = "$cluster4" ]
  inside node-a sh -c 'postconf -X smtp_bind_address content_filter && postfix reload' >/dev/null 2>&1
  takes_mail
  sources disabled
  source_rows 12 "$1, filtered" library cluster "$status"
  name 12 "$1, to the filter" library IPv4
  cell 127.0.0.1 "${from[before]}"
  cell 127.0.0.1 "${from[enabled]}"
  name -
  cell 'verdict: all covered' "$status"
  end_row "hosts-$job"
}
