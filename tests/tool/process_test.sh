#!/bin/sh
# clusterbind doctor on running processes. Usage: process_test.sh BUILD-FOLDER FOLDER-OF-TEST-PROGRAMS
set -u
build=$1 programs=$2
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
cd "$work" || exit 1
chmod 755 .
cp "$build/libclusterbind.so" .
cp "$build/clusterbind" tool
tool=$work/tool
library=$work/libclusterbind.so
cp "$programs/hold" plain

pids=
port=2530
# holds VARIABLE=VALUE... PROGRAM: starts it in the background, with its process id in $pid.
holds() {
  port=$((port + 1))
  : > held
  env "$@" -l 127.0.0.1 "$port" > held 2>&1 &
  pid=$!
  pids="$pids $pid"
  for _ in $(seq 100); do
    if grep -q ready held; then return; fi
    sleep 0.1
  done
  wrong "$* did not start: $(cat held)"
}
# shellcheck disable=SC2086,SC2317 # one word for each process; called by trap
end() {
  kill $pids 2> /dev/null
  rm -rf "$work"
}
trap end EXIT

# The status where the library does not reach a process: 1 if it is certain that rules in the kernel
# do not either.
no=1
groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
if [ -n "$groups" ]; then
  "$tool" status --cgroup "$groups" > /dev/null 2>&1 || [ $? -eq 1 ] || no=2
elif grep -q '^0::' /proc/self/cgroup; then
  no=2
fi

# A process with the library, and one without.
holds ./plain
outside=$pid
row $no 'its LD_PRELOAD does not name the library' "$tool" doctor --pid "$outside"
if [ $no -eq 1 ]; then row 1 '^verdict: not reached: its LD_PRELOAD' "$tool" doctor --pid "$outside"; fi
holds LD_PRELOAD="$library" CLUSTERBIND_RULES='direct; refuse' ./plain
inside=$pid
row 0 '^verdict: reached$' "$tool" doctor --pid "$inside"
row 0 "^library +$library" "$tool" doctor --pid "$inside"
row 0 '^rules +CLUSTERBIND_RULES: 2 rules$' "$tool" doctor --pid "$inside"
row 0 '^environment .*CLUSTERBIND_RULES=direct; refuse' "$tool" doctor --pid "$inside"

# Descendants.
cat > parent.sh << 'END'
: > first.out > second.out
"$1" -l 127.0.0.1 2528 > first.out &
LD_PRELOAD='' "$1" -l 127.0.0.1 2529 > second.out &
until grep -q ready first.out && grep -q ready second.out; do sleep 0.1; done
echo ready
wait
END
: > parent.out
LD_PRELOAD=$library CLUSTERBIND_RULES=direct sh parent.sh "$work/plain" > parent.out &
parent=$!
until grep -q ready parent.out; do sleep 0.1; done
pids="$pids $(cat "/proc/$parent/task/$parent/children") $parent"
if [ $no -eq 1 ]; then
  row 1 '^descendants +2, 1 not reached$' "$tool" doctor --pid "$parent"
  row 1 '^verdict: reached, but 1 of 2 descendants not: .*/plain' "$tool" doctor --pid "$parent"
fi
row $no '"absence":"its LD_PRELOAD' "$tool" doctor --json --pid "$parent"

# Whether the rules have changed since the process started. The clocks are finer than seconds; what
# is not certain is not reported.
changed='changed since the process started'
for _ in 1 2 3 4 5 6 7 8 9 10; do
  echo direct > rules
  holds LD_PRELOAD="$library" CLUSTERBIND_CONFIG="$work/rules" ./plain
  row 0 "!$changed" "$tool" doctor --pid "$pid"
done
sleep 0.1
echo refuse > new
touch -d '1 hour ago' new # what counts is the time of the rename
mv new rules
row 0 "^rules +$work/rules: 1 rule; $changed, which may have the older rules$" "$tool" doctor --pid "$pid"
printf 'reload on; direct\n' > rules
row 0 "$changed, which takes that over when it connects$" "$tool" doctor --pid "$pid"
# A child that was forked after the change, without an exec, has its parent's rules.
echo direct > rules
cat > forks.sh << 'END'
: > forked.out
echo ready
until [ -e go ]; do sleep 0.1; done
(echo ready > forked.out; read -r line < never) &
wait
END
mkfifo never
: > forks.out
LD_PRELOAD=$library CLUSTERBIND_CONFIG=$work/rules sh forks.sh > forks.out &
parent=$!
pids="$pids $parent"
until grep -q ready forks.out; do sleep 0.1; done
sleep 0.1
echo refuse > rules
sleep 0.1
touch go
until grep -q ready forked.out 2> /dev/null; do sleep 0.1; done
child=$(tr -d ' ' < "/proc/$parent/task/$parent/children")
pids="$pids $child"
row 0 "$changed, which may have the older rules$" "$tool" doctor --pid "$child"

# A process that `only` leaves alone is not reached, although the library is there.
holds LD_PRELOAD="$library" CLUSTERBIND_RULES='only smtp; direct' ./plain
row 1 '^verdict: not reached: the library is in this process, but `only` in CLUSTERBIND_RULES leaves plain alone$' \
  "$tool" doctor --pid "$pid"
holds LD_PRELOAD="$library" CLUSTERBIND_RULES='only smtp, plain; direct' ./plain
row 0 '^verdict: reached$' "$tool" doctor --pid "$pid"

# The rules are those that the process sees: in its own mount namespace, and as it judges the file.
if [ "$(id -u)" -eq 0 ]; then
  echo direct > loose && chmod 666 loose
  holds LD_PRELOAD="$library" CLUSTERBIND_CONFIG="$work/loose" ./plain
  row 0 "^rules +$work/loose: writable by group or others: the library refuses the file$" "$tool" doctor --pid "$pid"
  mkdir hidden
  if unshare -m true 2> /dev/null; then
    holds LD_PRELOAD="$library" CLUSTERBIND_CONFIG="$work/hidden/link" unshare -m sh -c 'mount -t tmpfs none hidden &&
      echo "only smtp; direct" > hidden/rules && ln -s "$PWD/hidden/rules" hidden/link && exec "$@"' sh ./plain
    row 1 "^verdict: not reached: .* \`only\` in $work/hidden/link leaves plain alone$" "$tool" doctor --pid "$pid"
  fi
fi

# A process that has overwritten its environment, as perl does here, does not show its rules.
if command -v perl > /dev/null; then
  : > held
  LD_PRELOAD=$library CLUSTERBIND_RULES=direct perl -e '$0 = "title " x 9999; $| = 1; print "ready\n"; sleep 60' > held &
  pid=$!
  pids="$pids $pid"
  until grep -q ready held; do sleep 0.1; done
  row 2 '^rules +could not find out: the process has overwritten its environment$' "$tool" doctor --pid "$pid"
fi

# What io_uring connects bypasses the library.
cc -shared -o liburing.so.2 -x c /dev/null
holds LD_PRELOAD="$library:$work/liburing.so.2" CLUSTERBIND_RULES=direct ./plain
row 0 '^verdict: reached, but not what it connects by io_uring$' "$tool" doctor --pid "$pid"

# A Go program connects without the library, although the library is in it.
cp "$programs/hold-go" .
holds LD_PRELOAD="$library" CLUSTERBIND_RULES=direct ./hold-go
row $no 'a Go program' "$tool" doctor --pid "$pid"
row $no '"absence":"a Go program"' "$tool" doctor --json --pid "$pid"

# PHP's extensions bypass the library.
mkdir extensions
cp plain php8.2
cc -shared -o extensions/curl.so -x c /dev/null
cp extensions/curl.so extensions/xml.so
holds LD_PRELOAD="$library:$work/extensions/curl.so:$work/extensions/xml.so" CLUSTERBIND_RULES=direct ./php8.2
row 1 "^verdict: reached, but not PHP's extensions in it: curl: they bypass" "$tool" doctor --pid "$pid"
row 1 "\"past_preload\":\\[\"$work/extensions/curl.so\"\\]" "$tool" doctor --json --pid "$pid"
cp plain apache2
cp extensions/xml.so extensions/libphp8.2.so
cp extensions/curl.so extensions/sockets.so
holds LD_PRELOAD="$library:$work/extensions/sockets.so:$work/extensions/libphp8.2.so" CLUSTERBIND_RULES=direct ./apache2
row 1 "^verdict: reached, but not PHP's extensions in it: sockets: " "$tool" doctor --pid "$pid"
holds LD_PRELOAD="$library:$work/extensions/xml.so" CLUSTERBIND_RULES=direct ./php8.2
row 0 '^verdict: reached$' "$tool" doctor --pid "$pid"
holds LD_PRELOAD="$library:$work/extensions/curl.so" CLUSTERBIND_RULES=direct ./plain
row 0 '^verdict: reached$' "$tool" doctor --pid "$pid"

# Zombies and kernel threads get an answer, without advice that cannot help.
sh -c 'sleep 0.3 & echo $! > zombie; exec sleep 60' &
pids="$pids $!"
until [ -s zombie ] && grep -q '^State:.Z' "/proc/$(cat zombie)/status"; do sleep 0.1; done
row 1 '^verdict: not reached: a zombie: the process has ended' "$tool" doctor --pid "$(cat zombie)"
row 1 '!ask as root|permission' "$tool" doctor --pid "$(cat zombie)"
row 1 '"reachable":"no"' "$tool" doctor --json --pid "$(cat zombie)"
if grep -q '^Name:.kthreadd$' /proc/2/status 2> /dev/null; then
  row 1 '^verdict: not reached: a kernel thread' "$tool" doctor --pid 2
  row 1 '!ask as root|permission' "$tool" doctor --pid 2
fi
if [ "$(id -u)" -eq 0 ]; then
  row 2 'verdict: could not find out: no permission to look at this process: ask as root$' \
    setpriv --reuid=65534 --clear-groups "$tool" doctor --pid "$inside"
  # Root without the capability is not advised to become root.
  : > held
  setpriv --reuid=65534 --clear-groups "$work/plain" -l 127.0.0.1 2600 > held 2>&1 &
  pid=$!
  pids="$pids $pid"
  until grep -q ready held; do sleep 0.1; done
  less=-sys_ptrace,-perfmon,-sys_admin
  for pattern in 'could not find out: no permission .*CAP_SYS_PTRACE' '!ask as root'; do
    row 2 "$pattern" setpriv --bounding-set=$less --inh-caps=$less "$tool" doctor --pid "$pid"
  done
fi

row 2 'no such process' "$tool" doctor --pid 999999999
row 64 'not a process id' "$tool" doctor --pid self
finish
