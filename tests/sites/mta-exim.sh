# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# mta-exim.sh - Exim on a node.

# Only the settings that routing the test mail requires. hubbed_hosts is Debian's own file for that.
# Exim's list separator is the colon, so <; sets another one.
exim_configure() {
  printf 'v4.site1.example: %s\nv6.site1.example: "<; %s"\n' "$site4" "$site6" \
    >"$(file "$1" /etc/exim4/hubbed_hosts)"
  sed -i "s/^dc_other_hostnames=.*/dc_other_hostnames='cluster.example:v4.cluster.example:v6.cluster.example'/" \
    "$(file "$1" /etc/exim4/update-exim4.conf.conf)"
  inside "$1" update-exim4.conf
}

exim_helo() {
  echo 'REMOTE_SMTP_HELO_DATA = cluster.example' >>"$(file "$1" /etc/exim4/exim4.conf.localmacros)"
  inside "$1" update-exim4.conf
}
exim_start() { inside "$1" exim4 -bd -q30m; }
exim_queued() { inside "$1" exim4 -bp | grep -q "$2"; }

exim_ways() {
  with 'mode 4755, add_environment' exim.sh
}
