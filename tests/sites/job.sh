#!/bin/bash
# job.sh JOB FOLDER - one of the jobs of run.sh, in a topology of its own. Whatever happens,
# its hosts and namespaces go when it ends.
# shellcheck disable=SC2034,SC2154 # the parts share their variables
set -u
here=$(cd "$(dirname "$0")" && pwd)
examples=$here/../../config/examples
job=$1
jobs=$2
world=cb-$RUN-$job
tmp=$WORK/$job
stage=$WORK/stage
results=$WORK/results
mkdir -p "$tmp"
for part in ../support/roots topology host mail cells; do
  # shellcheck source=/dev/null
  . "$here/$part.sh"
done

finish() {
  local status=$? name
  trap - EXIT
  if [ $status != 0 ] || [ "$wrong" != 0 ]; then
    for name in "${!host_pid[@]}"; do
      echo "--- $job: the last of the log of $name"
      tail -n 15 "$(file "$name" /var/log/syslog)" 2>/dev/null
    done
  fi
  end_hosts
  topology_down
  [ "$wrong" = 0 ] || status=1
  exit $status
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

case $job in
  postfix | exim | sendmail | opensmtpd)
    mta=$job
    # shellcheck source=mta.sh
    . "$here/mta.sh"
    run_mta
    ;;
  *)
    # shellcheck source=/dev/null
    . "$jobs/$job.sh"
    "run_$job"
    ;;
esac
