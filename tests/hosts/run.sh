#!/bin/bash
# run.sh BUILD_FOLDER [JOB...] - real mail servers as units of hosts that systemd has booted, Debian
# 12 and 13, behind the firewall of the sites: `clusterbind enable', `disable', `status', and the
# recipes. Prints the results as a table; the exit status is 1 if any of them is not as expected.
#
# It needs root and network namespaces, and installs what is missing. It uses the roots of the
# sites, and others of the same kind.
set -u
here=$(cd "$(dirname "$0")/../sites" && pwd)
# shellcheck source=../support/roots.sh
. "$here/../support/roots.sh"
# shellcheck source=../sites/cells.sh
. "$here/cells.sh"
# shellcheck source=../sites/jobs.sh
. "$here/jobs.sh"
# shellcheck disable=SC2034 # for jobs.sh
jobs=$here/../hosts set=hosts

[ $# -ge 1 ] || fail 'BUILD_FOLDER is missing'
build=$(cd "$1" && pwd) || exit 1
shift
[ $# -gt 0 ] || set -- cluster mtas postfix12 units removal instances mtas13 postfix13 eximhost kernel
prepare
rm -f "$build/hosts-tables.txt"
make_roots postfix exim sendmail opensmtpd courier pacemaker || exit 1
make_roots_of trixie postfix exim || exit 1
# Debian 13 has another version of what this build is linked with.
for library in $(ldd "$WORK/stage/usr/bin/clusterbind" | sed -n 's|.* => \(/.*libfmt[^ ]*\) .*|\1|p'); do
  mkdir -p "$WORK/stage/usr/lib/$(gcc -print-multiarch)"
  cp -L "$library" "$WORK/stage/usr/lib/$(gcc -print-multiarch)"
done
started=$SECONDS
run_jobs "$@"

tables() {
  cat "$WORK"/results/hosts-*.rows 2>/dev/null |
    print_table Debian unit by IP 'source before' 'enabled' 'disabled' 'status, enabled'
  for transcript in "$WORK"/results/*.transcript; do
    [ ! -f "$transcript" ] || { echo; cat "$transcript"; }
  done
}
tables | tee "$build/hosts-tables.txt"
echo "hosts: ${failed:+WRONG:$failed, }$((SECONDS - started)) s"
[ -z "$failed" ]
