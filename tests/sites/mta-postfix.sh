# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# mta-postfix.sh - Postfix on a node.

# Only the settings that routing the test mail requires: names, and the address of site 1.
postfix_configure() {
  printf 'v4.site1.example smtp:[%s]\nv6.site1.example smtp:[%s]\n' "$site4" "$site6" \
    >"$(file "$1" /etc/postfix/transport)"
  inside "$1" postconf -e \
    "myhostname = $(full_name "$1")" \
    'mydestination = cluster.example, v4.cluster.example, v6.cluster.example, localhost' \
    'transport_maps = texthash:/etc/postfix/transport'
}

# X_helo: the setting that the recipe names, with a name of the cluster's.
postfix_helo() { inside "$1" postconf -e 'smtp_helo_name = cluster.example'; }
postfix_start() { inside "$1" postfix start; }
postfix_queued() { inside "$1" postqueue -j | grep -q "@$2\""; }

postfix_ways() {
  turned_away
  with 'clusterbind-run, follow' postfix.sh

  # With a single address in inet_interfaces, Postfix binds to that address.
  single_interface 'clusterbind-run, one interface' postfix.conf stuck 0 +
  single_interface 'the same, override' postfix-single-interface.conf deliver
}

# single_interface LOADING RULES WHAT...
single_interface() {
  local loading=$1 rules=$2 what=$3
  shift 3
  node_up || return
  inside node-a postconf -e "inet_interfaces = ${node4[node-a]}, ${node6[node-a]}"
  cp "$examples/$rules" "$(file node-a /etc/clusterbind.conf)"
  inside node-a clusterbind-run postfix start >/dev/null 2>&1
  takes_mail "${node4[node-a]}"
  "$what" "$loading" reject "$@"
  end_host node-a
}

# turned_away: with the firewall open, site 1 still rejects the node, because it knows its partner
# by address.
turned_away() {
  local family own
  node_up && postfix_start node-a && takes_mail ::1 || return
  firewall open
  zero_counters
  for family in 4 6; do
    local -n own=node$family
    submit node-a "probe@$(domain $family)"
    await 20 rejected "${own[node-a]}"
    row_head $family none open
    if arrived site "$mail"; then
      cell rejected arrived
    else
      cell rejected "$(rejected "${own[node-a]}" && echo rejected || echo neither)"
    fi
    cell "${own[node-a]}" "$(site_connects_from "${own[node-a]}")"
    cell 0 "$(count fw "tried_cluster$family")"
    cell + "$(count fw "tried_node$family")"
    cell + "$(count fw "passed_node$family")"
    end_row "mta-$job"
  done
  end_host node-a
}

# rejected ADDRESS: site 1 has rejected mail because of this address.
rejected() { grep -qF "[$1]: 554 5.7.1" "$(file site /var/log/syslog)"; }
