# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# mta-opensmtpd.sh - OpenSMTPD on a node.

# Debian's smtpd.conf, with only the settings that routing the test mail requires: it listens only
# on localhost, and relays by MX.
opensmtpd_configure() {
  cat >"$(file "$1" /etc/smtpd.conf)" <<CONF
table aliases file:/etc/aliases
listen on 0.0.0.0
listen on ::
action "local" maildir alias <aliases>
action "site1-v4" relay host "smtp://$site4"
action "site1-v6" relay host "smtp://[$site6]"
match from any for domain { "cluster.example" "v4.cluster.example" "v6.cluster.example" } action "local"
match for local action "local"
match from local for domain "v4.site1.example" action "site1-v4"
match from local for domain "v6.site1.example" action "site1-v6"
CONF
}

opensmtpd_helo() { sed -i '/ relay /s/$/ helo "cluster.example"/' "$(file "$1" /etc/smtpd.conf)"; }
opensmtpd_start() { inside "$1" smtpd; }
opensmtpd_queued() { inside "$1" smtpctl show queue | grep -q "$2"; }

opensmtpd_ways() {
  with 'clusterbind-run' opensmtpd.sh
}
