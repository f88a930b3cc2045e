#!/bin/sh
# Some 22,000 real connections under random rules in the kernel, compared with the slow model
# (connect_test.cc), in four networks that hold different source addresses of the rules. Usage:
# connect_test.sh BUILD-FOLDER FOLDER-OF-TEST-PROGRAMS [SEEDS [CONNECTIONS]]
set -u
build=$1 programs=$2 seeds=${3:-25} connections=${4:-220}
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
# shellcheck source-path=SCRIPTDIR source=group.sh
. "$(dirname "$0")/group.sh"

if [ "${5:-}" != inside ]; then
  has_namespaces -n
  rm -rf "$work"
  first=1
  for held in '25 26 27 28 29 30 31 32' '26 29 32' '25 30' '9'; do
    unshare -n sh "$0" "$build" "$programs" "$seeds" "$connections" inside $first "$held" || exit
    first=$((first + seeds))
  done
  exit
fi
first=$6 held=$7
has_groups

# Every address is local, so that every connection is answered. Of the rules' source addresses, the
# host holds only those that it is given here.
ip link set lo up
ip addr add 192.0.2.9/32 dev lo
ip addr add 2001:db8::9/128 dev lo nodad
for number in $(seq 25 33); do
  case " $held " in
    *" $number "*) ip addr add "2001:db8::$number/128" dev lo nodad ;;
    *) ip route add unreachable "192.0.2.$number" table local ;;
  esac
done
ip route add local 0.0.0.0/0 dev lo
ip -6 route add local ::/0 dev lo

for name in mta mtad a.out to other; do cp "$programs/kernel-connect" "$work/$name"; done
echo "addresses $held:"
"$work/other" "$group" "$work" "$first" "$seeds" "$connections"
