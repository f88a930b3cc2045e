#!/bin/bash
# run.sh BUILD_FOLDER [JOB...] - real MTAs behind a real firewall, and during a failover. Prints the
# results as tables; the exit status is 1 if any of them is not as expected.
# It needs root and network namespaces, and installs what is missing. Roots are kept in
# ${TMPDIR:-/var/tmp}/clusterbind-sites and used again.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../support/roots.sh
. "$here/../support/roots.sh"
# shellcheck source=cells.sh
. "$here/cells.sh"
# shellcheck source=jobs.sh
. "$here/jobs.sh"
# shellcheck disable=SC2034 # for jobs.sh
jobs=$here set=sites

[ $# -ge 1 ] || fail 'BUILD_FOLDER is missing'
build=$(cd "$1" && pwd) || exit 1
shift
[ $# -gt 0 ] || set -- failover nonlocal pair keepalived keepalived-pair postfix sendmail exim opensmtpd pacemaker
prepare
rm -f "$build/sites-tables.txt"
make_roots postfix exim sendmail opensmtpd pacemaker || exit 1
started=$SECONDS
run_jobs "$@"

tables() {
  local job
  for job in postfix exim sendmail opensmtpd; do
    cat "$WORK/results/mta-$job.rows" 2>/dev/null
  done |
    print_table MTA family library firewall verdict 'seen by site 1' \
      'cluster IP tried' 'node tried' 'node got through'
  echo
  for job in failover nonlocal pair keepalived keepalived-pair; do
    cat "$WORK/results/failover-$job.rows" 2>/dev/null
  done |
    print_table 'moved by' moves sent delivered deferred lost bounced twice 'as the queue says' \
      'from a node address' 'SYN, not held' 'other, not held'
}
tables | tee "$build/sites-tables.txt"
echo "sites: ${failed:+WRONG:$failed, }$((SECONDS - started)) s"
[ -z "$failed" ]
