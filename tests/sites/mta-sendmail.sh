# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# mta-sendmail.sh - Sendmail on a node.

# Only the settings that routing the test mail requires. Debian's Sendmail listens only on
# 127.0.0.1, and asks the DNS for every name, which does not exist here.
sendmail_configure() {
  local etc
  etc=$(file "$1" /etc/mail)
  cp "$etc/service.switch-nodns" "$etc/service.switch"
  # The quotes are those of m4.
  sed -i \
    -e '/^DAEMON_OPTIONS.*Port=smtp,/s/Family=inet, .*Addr=127.0.0.1/Family=inet6, Name=MTA, Port=smtp, Addr=::/' \
    -e "/^MAILER_DEFINITIONS/i FEATURE(\`mailertable')dnl" "$etc/sendmail.mc"
  printf '%s\n' cluster.example v4.cluster.example v6.cluster.example >>"$etc/local-host-names"
  printf 'v4.site1.example esmtp:[%s]\nv6.site1.example esmtp:[IPv6:%s]\n' "$site4" "$site6" >"$etc/mailertable"
  inside "$1" sh -c '
    cd /etc/mail && m4 sendmail.mc >sendmail.cf && makemap hash mailertable <mailertable'
}

sendmail_helo() {
  # The quotes are m4's.
  sed -i "/^MAILER_DEFINITIONS/i define(\`confHELO_NAME', \`cluster.example')dnl" \
    "$(file "$1" /etc/mail/sendmail.mc)"
  inside "$1" sh -c 'cd /etc/mail && m4 sendmail.mc >sendmail.cf'
}
sendmail_start() { inside "$1" /etc/init.d/sendmail start; }
sendmail_queued() { inside "$1" mailq -Am | grep -q "$2"; }

sendmail_ways() {
  with 'clusterbind-run, group smmsp' sendmail.sh
  with 'clusterbind-run, mode 4755' sendmail-secure.sh
}
