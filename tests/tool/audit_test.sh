#!/bin/sh
# clusterbind audit, with planted leaks, in a network namespace of its own.
# Usage: audit_test.sh BUILD-FOLDER FOLDER-OF-TEST-PROGRAMS
set -u
build=$1 programs=$2
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
tool=$build/clusterbind

in_own_network "$@"

# The node has 192.0.2.10, the cluster address 192.0.2.25 and one more address. Nothing answers at
# the far end of the link, so connections to it stay in SYN-SENT.
ip link set lo up
ip link add wire type veth peer name far
ip link set wire up
ip link set far up
ip addr add 192.0.2.10/24 dev wire
ip addr add 192.0.2.25/32 dev wire
ip addr add 192.0.2.77/32 dev wire
# The kernel prefers the IPv6 address that came last.
for host in 25 77 10; do ip addr add "2001:db8::$host/64" dev wire nodad; done
ip neigh add 2001:db8::7 lladdr 02:00:00:00:00:07 dev wire nud permanent
ip neigh add 192.0.2.7 lladdr 02:00:00:00:00:07 dev wire nud permanent

pids=
# start NAME COMMAND...: starts it in the background, with its process id in $pid.
start() {
  name=$1
  shift
  : > "$work/$name"
  "$@" > "$work/$name" 2>&1 &
  pid=$!
  pids="$pids $pid"
  for _ in $(seq 100); do
    if grep -q ready "$work/$name"; then return; fi
    sleep 0.1
  done
  wrong "$name did not start: $(cat "$work/$name")"
}
# stop PID
stop() {
  kill "$1" 2> /dev/null
  wait "$1" 2> /dev/null
}
# shellcheck disable=SC2086 # one word for each process
trap 'kill $pids 2> /dev/null; rm -rf "$work"' EXIT

cat > "$work/rules" << 'END'
direct to 127.0.0.0/8
bind 192.0.2.25 to 192.0.2.7 port 26 else direct
bind 192.0.2.25 to any port 27 program no-such-program
bind 192.0.2.25 to 192.0.2.7 port 28 override
bind 192.0.2.25 2001:db8::25 to any port 25
END
audit_row() {
  want=$1 wanted=$2
  shift 2
  row "$want" "$wanted" "$tool" audit --config "$work/rules" "$@"
}

audit_row 0 '^0 outgoing connections: 0 leaks, 0 ended, 0 else direct, 0 by'

# Not leaks: bound as the rule says, no rule matches, a rule for another program, incoming.
start listener "$programs/hold" -l 192.0.2.10 25
start bound "$programs/hold" -b 192.0.2.25 192.0.2.7 25
start elsewhere "$programs/hold" 192.0.2.7 2525
start other "$programs/hold" 192.0.2.7 27
start loopback "$programs/hold" 127.0.0.1 2525 # refused at once, so there is no connection
audit_row 0 '^3 outgoing connections: 0 leaks'

# The accepted end of a connection has the listener's port, and the other end has the right address.
start inward "$programs/hold" -b 192.0.2.25 192.0.2.10 25
audit_row 0 '^4 outgoing connections: 0 leaks'

# An address that the program has chosen is not a leak, unless the rule has `override`.
start own "$programs/hold" -b 192.0.2.77 192.0.2.7 25
audit_row 0 "^own choice: hold \\(pid $pid\\): 192.0.2.77:[0-9]+ -> 192.0.2.7:25 SYN-SENT: should be 192.0.2.25"
audit_row 0 '0 leaks, 0 ended, 0 else direct, 1 by'
# The kernel's own choice is known in a sandbox that has netlink alone, too, as the unit's.
audit_sandboxed() {
  row 0 "^own choice: hold \\(pid $pid\\): $1" \
    "$programs/forbid" ipv4 "$programs/forbid" ipv6 "$tool" audit --config "$work/rules"
}
audit_sandboxed 192.0.2.77
stop "$pid"
start own "$programs/hold" -b 2001:db8::77 2001:db8::7 25
audit_sandboxed '\[2001:db8::77\]'
stop "$pid"
start moved "$programs/hold" -b 192.0.2.77 192.0.2.7 28
audit_row 1 "^leak: hold \\(pid $pid\\): 192.0.2.77:"
stop "$pid"

# Connections of `else direct` rules are listed separately.
start fallback "$programs/hold" 192.0.2.7 26
audit_row 0 "^else direct: hold \\(pid $pid\\): 192.0.2.10:"
stop "$pid"

# Real leaks, in SYN-SENT and established.
start leak "$programs/hold-static" 192.0.2.7 25
audit_row 1 "^leak: hold-static \\(pid $pid\\): 192.0.2.10:[0-9]+ -> 192.0.2.7:25 SYN-SENT: should be 192.0.2.25 \\($work/rules:5\\): the library is not in this process"
audit_row 1 "\"kind\":\"leak\",\"pid\":$pid," --json
# The sums by program and rule, and the next step.
audit_row 1 "^sum: hold-static \\($work/rules:5\\): 1 leak\$"
audit_row 1 "^next: clusterbind doctor --pid $pid tells why hold-static does not follow the rule\$"
audit_row 1 '!^leak: ' --summary
audit_row 1 "^sum: hold-static \\($work/rules:5\\): 1 leak\$" --summary
audit_row 1 '"leaks":1,"sums":\[\{"program":"hold-static","file":"[^"]*","line":5,"leaks":1,"ended":0,' --json --summary
leak=$pid
start second "$programs/hold-static" 192.0.2.7 25
audit_row 1 "^sum: hold-static \\($work/rules:5\\): 2 leaks\$" --summary
stop "$pid"
pid=$leak
row 0 'no rules|0 leaks' env CLUSTERBIND_RULES=direct "$tool" audit
row 1 '^leak: ' env CLUSTERBIND_RULES='bind 192.0.2.25 port 25' "$tool" audit
row 1 '^leak: ' "$tool" audit --rules 'bind 192.0.2.25 port 25 program hold-static'
# Every address of a list is correct.
row 0 '0 leaks' "$tool" audit --rules 'bind 192.0.2.25, 192.0.2.10 port 25'
row 1 '^leak: .*: should be 192.0.2.25' "$tool" audit --rules 'bind 192.0.2.25, 192.0.2.26 port 25'
row 0 '0 leaks' "$tool" audit --rules 'only hold; bind 192.0.2.25 port 25 program hold-static'
stop "$pid"
start leak "$programs/hold" 192.0.2.10 25
audit_row 1 "^leak: hold \\(pid $pid\\): 192.0.2.10:[0-9]+ -> 192.0.2.10:25 ESTABLISHED"
stop "$pid"
# A connection whose process has ended is listed, with an unknown program.
audit_row 0 '^ended: unknown process: 192.0.2.10:[0-9]+ -> 192.0.2.10:25 .*: no process holds it'
audit_row 0 '0 leaks, 1 ended'

# --watch: a leak is found within an interval and reported once, and the exit status shows it.
"$tool" audit --watch --config "$work/rules" > "$work/watched" 2>&1 &
watcher=$!
pids="$pids $watcher"
start leak "$programs/hold-static" 192.0.2.7 25
for _ in 1 2 3 4 5 6 7 8 9 10; do
  if grep -q '^leak: ' "$work/watched"; then break; fi
  sleep 1
done
sleep 2 # time for a second look
stop "$pid"
kill "$watcher"
code=0
wait "$watcher" || code=$?
rows=$((rows + 1))
cp "$work/watched" "$work/output"
if [ "$code" -ne 1 ]; then wrong "watch: exit status $code, not 1"; fi
if [ "$(grep -c '^leak: ' "$work/watched")" -ne 1 ]; then wrong 'watch: not told once'; fi
if ! grep -q "^leak: hold-static (pid $pid)" "$work/watched"; then wrong 'watch: not found'; fi

# Under the library a connection is correct. What the library leaves alone counts as the program's
# choice.
if [ -e "$build/libclusterbind.so" ]; then
  start guarded env LD_PRELOAD="$build/libclusterbind.so" \
    CLUSTERBIND_RULES='bind 192.0.2.25 port 25' "$programs/hold" 192.0.2.7 25
  audit_row 0 '0 leaks, 1 ended, 0 else direct, 0 by'
  stop "$pid"
  # A process counts as having rules that were written just before it was started.
  for try in 1 2 3 4 5 6; do
    cp "$work/rules" "$work/new" && mv "$work/new" "$work/rules"
    start chosen env LD_PRELOAD="$build/libclusterbind.so" CLUSTERBIND_CONFIG="$work/rules" \
      "$programs/hold" -b 192.0.2.10 192.0.2.7 25
    audit_row 0 "^own choice: hold \\(pid $pid\\): .*: the library left it alone"
    [ "$try" = 6 ] || stop "$pid"
  done
  sleep 0.1
  cp "$work/rules" "$work/new" && touch -d '1 hour ago' "$work/new" && mv "$work/new" "$work/rules"
  audit_row 1 "^leak: hold \\(pid $pid\\): .*: the process was started before the rules were changed"
  audit_row 1 '^next: restart hold, which has the former rules$'
  stop "$pid"
fi

# A process that cannot be seen may be the program of the rule: /proc hides it or is not there, or
# this user sees another pid namespace.
if unshare -m true 2> /dev/null; then
  cp "$tool" "$work/tool"
  chmod 755 "$work"
  start leak "$programs/hold-static" 192.0.2.7 29
  unseen() {
    row 2 '1 connection of .*could not be judged' unshare -m "$@" -r 'bind 192.0.2.25 port 29 program hold-static'
  }
  hidden='mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"'
  unseen sh -c "$hidden" sh "$work/tool" audit
  unseen sh -c 'mount -t tmpfs none /proc && exec "$@"' sh "$work/tool" audit
  unseen -pf --mount-proc "$work/tool" audit
  row 2 "/proc does not show process $pid: ask as root" unshare -m sh -c "$hidden" sh "$work/tool" doctor --pid "$pid"
  stop "$pid"
fi

# Another network namespace, and what cannot be determined.
row 2 '/run/netns/no-such-namespace: No such file' "$tool" audit --rules direct --netns no-such-namespace
row 0 '^0 outgoing' unshare -n "$tool" audit --rules direct
start leak "$programs/hold" 192.0.2.7 25
row 1 "^leak: hold \\(pid $pid\\)" unshare -n "$tool" audit --config "$work/rules" \
  --netns "/proc/$$/ns/net"
row 2 'error: ' "$tool" audit --rules bnid
row 2 '/absent: error: ' "$tool" audit --config "$work/absent"
row 2 '"trouble":".*No such file' "$tool" audit --json --rules direct --netns no-such-namespace
row 2 '"right":false,"error_count":1' "$tool" audit --json --rules bnid
row 2 '"right":false' "$tool" audit --json --config "$work/absent"
row 64 'no operand' "$tool" audit operand
finish
