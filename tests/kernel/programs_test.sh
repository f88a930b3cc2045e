#!/bin/sh
# Programs that the library reaches with difficulty or not at all, under rules in the kernel: each
# connects to its own listener, which reports where the connection came from. Usage:
# programs_test.sh BUILD-FOLDER FOLDER-OF-TEST-PROGRAMS
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$1 programs=$2
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$here/../support/table.sh"
# shellcheck source-path=SCRIPTDIR source=group.sh
. "$here/group.sh"

in_own_network "$@"
has_groups
has_addresses
chmod 755 "$work"
echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start

# bound COMMAND...: in the group it connects from the cluster IP, outside from the node's address.
bound() {
  row 0 '^192\.0\.2\.25$' "$inside" "$@"
  row 0 '^192\.0\.2\.9$' "$@"
}

row 0 'in force' "$build/clusterbind" attach --cgroup "$group" -r 'bind 192.0.2.25 to any port 25'
row 0 '' cc -o "$work/dynamic" "$here/ways.c"
row 0 '' cc -static -o "$work/static" "$here/ways.c"
for way in connect raw uring fastopen; do
  case $way in uring) [ "$(sysctl -n kernel.io_uring_disabled 2> /dev/null || echo 0)" = 0 ] || continue ;; esac
  bound "$work/dynamic" $way
  bound "$work/static" $way
done
bound "$programs/kernel-try" 192.0.2.9 25

# As another user: setuid root, and setgid.
for mode in 4755 2755; do
  cp "$work/dynamic" "$work/$mode"
  chmod $mode "$work/$mode"
  bound setpriv --reuid nobody --clear-groups "$work/$mode" connect
done 2> /dev/null
for compiler in musl-gcc go; do
  command -v $compiler > /dev/null || { echo "left out: there is no $compiler" && continue; }
  case $compiler in
    go) row 0 '' env HOME="$work" GOCACHE="$work/go" GOFLAGS=-mod=mod go build -o "$work/other" "$here/ways.go" ;;
    *)
      # musl has no kernel headers of its own.
      ln -s /usr/include/linux /usr/include/asm-generic "/usr/include/$(cc -print-multiarch)/asm" "$work"
      row 0 '' $compiler -idirafter "$work" -o "$work/other" "$here/ways.c"
      ;;
  esac
  bound "$work/other" connect
done
# A script: the name of its interpreter counts.
cp /bin/sh "$work/mta"
printf '#!%s\nexec %s connect\n' "$work/mta" "$work/static" > "$work/script"
chmod +x "$work/script"
bound "$work/script"
row 0 'in force' "$build/clusterbind" attach --cgroup "$group" \
  -r 'bind 192.0.2.25 to any port 25 program mta'
row 0 '^192\.0\.2\.9$' "$inside" "$work/script" # the program that connects is `static'
cp "$work/static" "$work/mta"
bound "$work/mta" uring

finish
