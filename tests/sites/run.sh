#!/bin/bash
# run.sh BUILD_FOLDER [JOB...] - real MTAs, through a real firewall, and through a
# failover. Prints what was seen, as tables, and ends with 1 if any of it is not as wanted.
#
# Needs root and network namespaces; installs what is missing. Roots are kept in
# ${TMPDIR:-/var/tmp}/clusterbind-sites and used again.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=roots.sh
. "$here/roots.sh"
# shellcheck source=table.sh
. "$here/table.sh"

# cannot REASON: CTest calls 77 skipped.
cannot() {
  echo "cannot run: $1"
  exit 77
}
fail() {
  echo "sites: $1" >&2
  exit 1
}

[ $# -ge 1 ] || fail 'which build folder?'
build=$(cd "$1" && pwd) || exit 1
shift
[ $# -gt 0 ] || set -- failover nonlocal postfix sendmail exim opensmtpd keepalived systemd pacemaker
[ "$(id -u)" = 0 ] || cannot 'it needs root'
command -v apt-get >/dev/null || cannot 'it needs a Debian system'
sh "$here/../need.sh" sites || fail 'packages are missing'
reason=$(unshare --mount --net --pid --fork true 2>&1) || cannot "no namespaces: ${reason#unshare: }"
[ -n "$(host_archive)" ] || apt-get -q update >/dev/null

RUN=$$
WORK=$(mktemp -d "${TMPDIR:-/var/tmp}/clusterbind-sites.XXXXXX") || exit 1
export RUN WORK
mkdir "$WORK/results" "$WORK/stage"
declare -A running=() # process of a job: its name

# Jobs clean up after themselves when they are told to end.
finish() {
  local pid
  trap - EXIT
  for pid in "${!running[@]}"; do kill -TERM "$pid" 2>/dev/null; done
  wait
  rm -rf --one-file-system "$WORK"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

# What runs that were killed left behind: a namespace's name holds its run's process.
for name in $(ip netns list | sed -n 's/^\(cb-[0-9]*-[^ ]*\).*/\1/p'); do
  run=${name#cb-}
  [ -d "/proc/${run%%-*}" ] || ip netns del "$name"
done

DESTDIR=$WORK/stage cmake --install "$build" --prefix /usr >"$WORK/install.log" 2>&1 || {
  tail -n 20 "$WORK/install.log" >&2
  fail "nothing to install in $build"
}
rm -f "$build/sites-tables.txt"
make_roots postfix exim sendmail opensmtpd pacemaker || exit 1
started=$SECONDS

begin() {
  # A job's own time limit, within which it still cleans up.
  timeout -k 60 600 bash "$here/job.sh" "$1" >"$WORK/$1.log" 2>&1 &
  running[$!]=$1
}

# The jobs wait more than they compute: three at a time on two cores.
failed=
await_one() {
  local pid status=0
  wait -n -p pid "${!running[@]}" || status=$?
  cat "$WORK/${running[$pid]}.log"
  [ $status = 0 ] || failed="$failed ${running[$pid]}"
  unset "running[$pid]"
}
for job; do
  [ ${#running[@]} -lt 3 ] || await_one
  begin "$job"
done
while [ ${#running[@]} -gt 0 ]; do await_one; done

tables() {
  local job
  for job in postfix exim sendmail opensmtpd systemd; do
    cat "$WORK/results/mta-$job.rows" 2>/dev/null
  done |
    print_table MTA family library firewall verdict 'seen by site 1' \
      'cluster IP tried' 'node tried' 'node got through'
  echo
  for job in failover nonlocal keepalived; do
    cat "$WORK/results/failover-$job.rows" 2>/dev/null
  done |
    print_table 'moved by' moves sent delivered deferred lost bounced twice 'as the queue says' \
      'from a node address' 'SYN, not held' 'other, not held'
}
tables | tee "$build/sites-tables.txt"
echo "sites: ${failed:+WRONG:$failed, }$((SECONDS - started)) s"
[ -z "$failed" ]
