# shellcheck shell=bash disable=SC2154,SC2034 # run.sh has the rest
# jobs.sh - what the runs of this folder and of ../hosts share: jobs, each in a topology of its own,
# of which some run at the same time. $here is this folder; $set names the packages that are needed.

# cannot REASON: ends the run. CTest reports status 77 as skipped; in CI nothing may be skipped.
cannot() {
  echo "cannot run: $1"
  [ "${CI:-}" = true ] && exit 1
  exit 77
}
fail() {
  echo "$set: $1" >&2
  exit 1
}

declare -A running=() # the names of jobs, by process id

# Jobs clean up when they are told to end.
finish() {
  local pid
  trap - EXIT
  for pid in "${!running[@]}"; do kill -TERM "$pid" 2>/dev/null; done
  wait
  rm -rf --one-file-system "$WORK"
}

# prepare: makes what every job needs: a folder to work in, and the files to be installed.
prepare() {
  [ "$(id -u)" = 0 ] || cannot 'it needs root'
  command -v apt-get >/dev/null || cannot 'it needs a Debian system'
  sh "$here/../need.sh" "$set" || fail 'packages are missing'
  reason=$(unshare --mount --net --pid --fork true 2>&1) || cannot "no namespaces: ${reason#unshare: }"
  [ -n "$(host_archive)" ] || apt-get -q update >/dev/null

  RUN=$$
  WORK=$(mktemp -d "${TMPDIR:-/var/tmp}/clusterbind-sites.XXXXXX") || exit 1
  export RUN WORK build
  mkdir "$WORK/results" "$WORK/stage"

  trap finish EXIT
  trap 'exit 1' INT TERM HUP

  # Removes what runs that were killed have left: the name of a namespace contains the process id of
  # its run.
  for name in $(ip netns list | sed -n 's/^\(cb-[0-9]*-[^ ]*\).*/\1/p'); do
    run=${name#cb-}
    [ -d "/proc/${run%%-*}" ] || ip netns del "$name"
  done

  DESTDIR=$WORK/stage cmake --install "$build" --prefix /usr >"$WORK/install.log" 2>&1 || {
    tail -n 20 "$WORK/install.log" >&2
    fail "nothing to install in $build"
  }
}

# begin JOB: starts the job $jobs/JOB.sh, which writes rows for the tables.
begin() {
  # The time limit of a job; it still cleans up when that is over.
  timeout -k 60 1200 bash "$here/job.sh" "$1" "$jobs" >"$WORK/$1.log" 2>&1 &
  running[$!]=$1
}

# Jobs mostly wait, so three of them run at a time on two cores.
failed=

# await_one: waits for a job, and prints its log and result.
await_one() {
  local pid status=0
  wait -n -p pid "${!running[@]}" || status=$?
  cat "$WORK/${running[$pid]}.log"
  [ $status = 0 ] || failed="$failed ${running[$pid]}"
  unset "running[$pid]"
}

run_jobs() {
  local job
  for job; do
    [ ${#running[@]} -lt 3 ] || await_one
    begin "$job"
  done
  while [ ${#running[@]} -gt 0 ]; do await_one; done
}
