#!/bin/sh
# clusterbind attach, detach and status of a group, checked by the connections of programs in it.
# Usage: attach_test.sh BUILD-FOLDER FOLDER-OF-TEST-PROGRAMS
set -u
build=$1 programs=$2
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
# shellcheck source-path=SCRIPTDIR source=group.sh
. "$(dirname "$0")/group.sh"
tool=$build/clusterbind
try=$programs/kernel-try

in_own_network "$@"
has_groups
has_addresses
# Before Linux 5.18 a refused connection always gets EPERM.
absent=EADDRNOTAVAIL refused='ECONNREFUSED by rule'
case $(uname -r) in
  5.1[0-7].*) absent=EPERM refused=EPERM ;;
esac

# Usage and messages.
row 64 'attach needs one of' "$tool" attach -r direct
row 64 'attach needs one of' "$tool" attach --self --cgroup "$group" -r direct
row 64 "attach takes no operand: 'x'" "$tool" attach --self -r direct x
row 64 'detach needs one of' "$tool" detach
row 2 'not a folder of cgroup v2' "$tool" attach --cgroup /tmp -r direct
row 2 'No such file' "$tool" attach --cgroup "$group/none" -r direct

# Wrong rules change nothing. From a broadcast address the kernel would not connect.
row 0 '1 rule of -r in force' "$tool" attach --cgroup "$group" -r 'direct to any port 80'
row 1 'error: ' "$tool" attach --cgroup "$group" -r 'bind'
row 1 'No such file' "$tool" attach --cgroup "$group" -c "$work/none"
row 2 'source address 127.255.255.255 is a broadcast address' \
  "$tool" attach --cgroup "$group" -r 'bind 127.255.255.255 to 127.0.0.0/8'
row 0 'direct to any port 80' "$tool" status --cgroup "$group"
row 0 '"no_source":0' "$tool" status --cgroup "$group" --json

cat > "$work/rules" << 'END'
direct to 192.0.2.26
bind 192.0.2.25 2001:db8::25 to any port 25
bind 192.0.2.77 2001:db8::77 to any port 26 else direct
bind 192.0.2.77 2001:db8::77 to any port 27
refuse to any port 28
bind 192.0.2.25 to any port 29 override
bind 192.0.2.25 to any port 25 proto udp
bind 192.0.2.25 to any port 30 program no-such-program
END
row 0 '8 rules of .*/rules in force' "$tool" attach --cgroup "$group" -c "$work/rules"
row 0 'warning: .*:6: in the kernel .override. moves only' "$tool" attach --cgroup "$group" -c "$work/rules"

# The source address that the far end sees, or the errno. kernel-try is static, so no library could
# reach it.
row 0 '^192\.0\.2\.25$' "$inside" "$try" 192.0.2.9 25
row 0 '^2001:db8::25$' "$inside" "$try" 2001:db8::9 25
row 0 '^192\.0\.2\.25$' "$inside" "$try" ::ffff:192.0.2.9 25
row 0 '^192\.0\.2\.26$' "$inside" "$try" 192.0.2.26 25
row 0 '^192\.0\.2\.9$' "$inside" "$try" 192.0.2.9 26
row 0 "^$absent\$" "$inside" "$try" 192.0.2.9 27
row 0 "^$absent\$" "$inside" "$try" 2001:db8::9 27
row 0 "^$refused\$" "$inside" "$try" 192.0.2.9 28
row 0 '^192\.0\.2\.9$' "$inside" "$try" 192.0.2.9 30
row 0 '^192\.0\.2\.9$' "$inside" "$try" 192.0.2.9 80
row 0 '^127\.0\.0\.1$' "$inside" "$try" 127.0.0.1 25
# Sockets that the program has bound: to an address; to the wildcard address and a port.
row 0 '^192\.0\.2\.26$' "$inside" "$try" 192.0.2.9 25 192.0.2.26 0
row 0 "^$absent\$" "$inside" "$try" 192.0.2.9 25 0.0.0.0 0
row 0 '^192\.0\.2\.25$' "$inside" "$try" 192.0.2.9 25 192.0.2.25 0
# Outside the group nothing happens.
row 0 '^192\.0\.2\.9$' "$try" 192.0.2.9 25
row 0 '^ *4 +1 +1  line 2' "$tool" status --cgroup "$group"
row 0 '^ *0 +0 +1  line 3' "$tool" status --cgroup "$group"
row 0 '^ *0 +0 +2  line 4' "$tool" status --cgroup "$group"
row 0 '^ *1 +0 +0  line 5' "$tool" status --cgroup "$group"
row 0 '^ *3 +0 +0  no rule' "$tool" status --cgroup "$group"
row 0 '!has changed' "$tool" status --cgroup "$group"

# doctor knows whom the rules reach.
"$inside" sleep 100 &
sleeper=$!
for _ in $(seq 200); do
  if [ "$(cat /proc/$sleeper/comm)" = sleep ]; then break; fi
  sleep 0.1
done
row 0 '^verdict: reached by rules in the kernel$' "$tool" doctor --pid $sleeper
row 0 "^by kernel +clusterbind status --cgroup $group\$" "$tool" doctor --pid $sleeper
row 0 "\"kernel_group\":\"$group\"" "$tool" doctor --json --pid $sleeper
row 1 '!by kernel' "$tool" doctor --pid $$
# Without the groups in sight, it is not known; in a container, groups around its own are out of sight.
if unshare -m true 2> /dev/null; then
  row 2 '^verdict: could not find out whether rules in the kernel reach it: no cgroup v2 is mounted' \
    unshare -m sh -c 'umount -l -a -t cgroup2 && exec "$@"' sh "$tool" doctor --pid $sleeper
  mkdir "$group/container"
  printf '#!/bin/sh\necho 0 > %s/container/cgroup.procs && exec "$@"\n' "$group" > "$work/in-container"
  chmod +x "$work/in-container"
  row 0 '^by kernel +by the rules of a group that cannot be seen from here$' "$work/in-container" \
    unshare -C -m sh -c 'umount -l -a -t cgroup2; mount -t cgroup2 none "$2" && "$1" doctor --pid $$' sh "$tool" "$mount"
  rmdir "$group/container"
fi
(copy_build)
row 2 '^verdict: could not find out whether rules in the kernel reach it: ask as root; the library does not: ' \
  setpriv --reuid=65534 --clear-groups sh -c '"$1" doctor --pid $$' sh "$work/build/clusterbind"
kill $sleeper
wait $sleeper 2> /dev/null

echo '# more' >> "$work/rules"
row 0 'the file has changed since' "$tool" status --cgroup "$group"

# A byte order mark does not belong to the rules, and so is no change of them.
printf '\357\273\277direct to any port 80\n' > "$work/marked"
row 0 'in force' "$tool" attach --cgroup "$group" -c "$work/marked"
row 0 '!has changed' "$tool" status --cgroup "$group"

# The name of the executable: a long one, and that of a link's target.
cp "$try" "$work/mail-transport-agent-of-some-length"
ln -s mail-transport-agent-of-some-length "$work/mta"
row 0 'in force' "$tool" attach --cgroup "$group" \
  -r 'bind 192.0.2.25 to any port 25 program mail-transport-agent-of-some-length'
row 0 '^192\.0\.2\.25$' "$inside" "$work/mail-transport-agent-of-some-length" 192.0.2.9 25
row 0 '^192\.0\.2\.25$' "$inside" "$work/mta" 192.0.2.9 25
row 0 '^192\.0\.2\.9$' "$inside" "$try" 192.0.2.9 25
cp "$try" "$work/mail-transport-agent-of-some-length-and-more"
row 0 '^192\.0\.2\.9$' "$inside" "$work/mail-transport-agent-of-some-length-and-more" 192.0.2.9 25
row 0 'in force' "$tool" attach --cgroup "$group" -r 'only mail-transport-agent-of-some-length
refuse to any port 25'
row 0 '^192\.0\.2\.9$' "$inside" "$try" 192.0.2.9 25
row 0 "^$refused\$" "$inside" "$work/mta" 192.0.2.9 25

# Lists of source addresses.
row 0 'in force' "$tool" attach --cgroup "$group" -r '
bind 192.0.2.77, 192.0.2.26, 192.0.2.25, 2001:db8::77, 2001:db8::25 to any port 25
bind 192.0.2.77, 192.0.2.78 to any port 26
bind 192.0.2.77, 192.0.2.25, 192.0.2.78, 192.0.2.26 to any port 27 pick random'
row 0 '^192\.0\.2\.26$' "$inside" "$try" 192.0.2.9 25
row 0 '^2001:db8::25$' "$inside" "$try" 2001:db8::9 25
row 0 '^192\.0\.2\.25$' "$inside" "$try" 192.0.2.9 25 192.0.2.25 0
row 0 "^$absent\$" "$inside" "$try" 192.0.2.9 26
# 300 random choices between two addresses: either of them comes fewer than 96 times in about one of
# a billion runs.
for _ in $(seq 300); do "$inside" "$try" 192.0.2.9 27; done > "$work/draws"
for address in 192.0.2.25 192.0.2.26; do
  row 0 '' test "$(grep -c -x -F "$address" "$work/draws")" -ge 96
done
row 1 '' grep -q -v -x -e 192.0.2.25 -e 192.0.2.26 "$work/draws"

# The longest list that a rule may have; the node holds its last address.
none() { seq -s ", $1" -f "%g" 100 162 | sed "s/^/$1/"; }
for pick in first random; do
  row 0 'in force' "$tool" attach --cgroup "$group" \
    -r "bind $(none 192.0.2.), 192.0.2.25 to any port 25 pick $pick"
  row 0 '^192\.0\.2\.25$' "$inside" "$try" 192.0.2.9 25
  row 0 '^192\.0\.2\.25$' "$inside" "$try" ::ffff:192.0.2.9 25
  row 0 'in force' "$tool" attach --cgroup "$group" \
    -r "bind $(none 2001:db8::), 2001:db8::25 to any port 25 pick $pick"
  row 0 '^2001:db8::25$' "$inside" "$try" 2001:db8::9 25
done
# Besides other rules, 24 nested prefixes.
{
  for length in $(seq 8 31); do echo "direct to 10.0.0.0/$length port $length, 10$length, 20$length"; done
  for number in $(seq 5000); do echo "direct to 10.$((number % 250)).$((number / 250)).0/24 port 26"; done
  for prefix in 192.0.2. 2001:db8::; do
    echo "bind $(none $prefix), ${prefix}25 to any port 25 pick random"
    echo "bind $(none $prefix), ${prefix}26 to any port 26"
  done
} > "$work/large"
row 0 '5028 rules' "$tool" attach --cgroup "$group" -c "$work/large"
row 0 '^192\.0\.2\.25$' "$inside" "$try" 192.0.2.9 25
row 0 '^2001:db8::26$' "$inside" "$try" 2001:db8::9 26

# net.ipv6.ip_nonlocal_bind: nothing may leave from an address that the node perhaps does not hold.
echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind
row 0 'ip_nonlocal_bind is on here' "$tool" attach --cgroup "$group" \
  -r 'bind 192.0.2.25 2001:db8::77 to any port 25'
row 0 "^$absent\$" "$inside" "$try" 2001:db8::9 25
row 0 '^192\.0\.2\.25$' "$inside" "$try" 192.0.2.9 25
echo 0 > /proc/sys/net/ipv6/ip_nonlocal_bind

# Groups within groups.
mkdir "$group/inner"
row 2 'around it, has rules already' "$tool" attach --cgroup "$group/inner" -r direct
row 0 'no rules in force' "$tool" detach --cgroup "$group"
row 0 'in force' "$tool" attach --cgroup "$group/inner" -r direct
row 2 'within it, has rules already' "$tool" attach --cgroup "$group" -r direct
row 0 '' "$tool" detach --cgroup "$group/inner"
row 1 'has no rules' "$tool" detach --cgroup "$group/inner"
row 1 'no rules' "$tool" status --cgroup "$group"
row 0 '^192\.0\.2\.9$' "$inside" "$try" 192.0.2.9 25

# The program that units start: it ignores all variables and uses its own group.
install -m 600 "$work/rules" "$work/root-rules"
row 0 'rules of .*root-rules in force' "$inside" env LD_PRELOAD=/none CLUSTERBIND_RULES=bind \
  CLUSTERBIND_CONFIG=/etc/shadow LD_LIBRARY_PATH=/none \
  "$build/clusterbind-attach" -c "$work/root-rules"
row 0 'root-rules' "$tool" status --cgroup "$group"
row 64 'Usage' "$build/clusterbind-attach" --cgroup "$group"
row 0 '' "$tool" detach --cgroup "$group"

finish
