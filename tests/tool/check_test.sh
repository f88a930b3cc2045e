#!/bin/sh
# clusterbind check: errors as a compiler shows them, findings, exit codes.
# Usage: check_test.sh BUILD-FOLDER FOLDER-OF-TEST-PROGRAMS
set -u
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
tool=$1/clusterbind programs=$2
library=$1/libclusterbind.so
cd "$work" || exit 1
chmod 755 .

# exactly NAME STATUS TEXT COMMAND...: compares the whole output.
exactly() {
  name=$1 want=$2
  printf '%s\n' "$3" > wanted
  shift 3
  rows=$((rows + 1))
  status=0
  "$@" > output 2>&1 || status=$?
  if [ "$status" -ne "$want" ]; then wrong "$name: exit status $status, not $want"; fi
  if ! cmp -s wanted output; then
    wrong "$name: not what was wanted:"
    sed 's/^/    > /' wanted
  fi
}

tab=$(printf '\t')
printf 'bind 192.0.2.025 to any\n' > bad
exactly 'one error' 1 "bad:1:6: error: '192.0.2.025' is not an address
  bind 192.0.2.025 to any
       ^~~~~~~~~~~
hint: write 192.0.2.25" \
  "$tool" check bad

printf '# ours\n\n\tbind\t192.0.2.25 to\t10.0.0.1/8 # \303\244\n' > bad
exactly 'tabs' 1 "bad:3:21: error: '10.0.0.1/8' has host bits beyond its prefix length
  ${tab}bind${tab}192.0.2.25 to${tab}10.0.0.1/8 # ä
  ${tab}    ${tab}             ${tab}^~~~~~~~~~
hint: write 10.0.0.0/8" "$tool" check bad

exactly 'something missing, and the name of -r' 1 '-r:1:14: error: bind needs a source address
  direct ; bind
               ^
hint: write bind 192.0.2.25, bind 2001:db8::25 or both' "$tool" check -r 'direct ; bind'

printf 'direct\nbind 192.0.2.\0335\n' > bad
row 1 '\?5' "$tool" check bad
row 1 "!$(printf '\033')" "$tool" check bad

yes 'bind nonsense' | head -n 37 > bad
row 1 '^bad:20:6: error: ' "$tool" check bad
row 1 '!^bad:21:' "$tool" check bad
row 1 '^bad: 17 more errors$' "$tool" check bad
row 1 '"error_count":37,' "$tool" check --json bad
row 1 '"column":6,"length":8,' "$tool" check --json bad

# A line of a million bytes is not shown whole.
{ printf 'direct to '; head -c 1000000 /dev/zero | tr '\0' 1; } > bad
row 1 '^  .{1,200}$' "$tool" check bad
row 1 '!.{400}' "$tool" check bad

# Where the rules come from.
row 0 '^-r: OK, 1 rule$' "$tool" check -r direct
row 1 '^CLUSTERBIND_RULES:1:1: error' env CLUSTERBIND_RULES=bnid "$tool" check
row 0 '^CLUSTERBIND_RULES: OK, 1 rule' env CLUSTERBIND_RULES=direct CLUSTERBIND_CONFIG=/nonsense "$tool" check
row 1 'must be an absolute path' env CLUSTERBIND_CONFIG=relative "$tool" check
row 1 '^/nonsense: error: No such file' env CLUSTERBIND_CONFIG=/nonsense "$tool" check
row 1 '^absent: error: No such file or directory$' "$tool" check absent
row 1 '^\.: error: not a regular file$' "$tool" check .
mkfifo fifo
row 1 '^fifo: error: not a regular file$' "$tool" check fifo
: > empty
row 1 '^empty:.* error: ' "$tool" check empty
if [ ! -e /etc/clusterbind.conf ]; then row 1 '^no rules: ' "$tool" check; fi
# A file that this user cannot reach is not one that is missing: the library refuses then.
if [ "$(id -u)" -eq 0 ] && unshare -m true 2> /dev/null && [ ! -e /etc/clusterbind.conf ]; then
  cat > unreachable.sh << 'END'
mkdir closed lower && echo direct > closed/rules && chmod 700 closed
cp -a /etc/. lower && ln -s "$PWD/closed/rules" lower/clusterbind.conf && mount --bind lower /etc || exit 99
exec setpriv --reuid=65534 --clear-groups "$@"
END
  (build=$1 && copy_build)
  for words in check 'explain 198.51.100.7 25' 'audit'; do
    # shellcheck disable=SC2086 # several words
    row "$([ "$words" = audit ] && echo 2 || echo 1)" '^/etc/clusterbind.conf: error: Permission denied$' \
      unshare -m sh unreachable.sh "$work/build/clusterbind" $words
    rm -r closed lower
  done
  row 0 '^rules +/etc/clusterbind.conf: Permission denied$' unshare -m sh unreachable.sh "$work/build/clusterbind" doctor /bin/cat
  rm -r closed lower
fi

# The rules as check shows them.
cat > good << 'END'
log info; ports spread
direct to 10.0.0.0/8, ::ffff:192.0.2.0/120
bind 127.0.0.25 ::1 port x400, 100-200 proto any program b, a override else direct; refuse
END
row 0 '^good: OK, 3 rules$' "$tool" check good
row 0 '^  2  direct to 10.0.0.0/8, 192.0.2.0/24$' "$tool" check good
row 0 '^  3  bind 127.0.0.25 ::1 to any port 102, 100-200 proto any program b, a override else direct$' "$tool" check good
row 0 '^  3  refuse to any$' "$tool" check good
row 0 '^settings: log info, ports spread, reload off$' "$tool" check good
row 0 '"settings":\{"log":"info","ports":"spread","reload":false\}' "$tool" check --json good
row 0 '!.' "$tool" check --quiet good
row 1 '^-r:1:1: error' "$tool" check --quiet -r bnid

# --quiet leaves out the rules, never what makes the check fail.
row 1 '^-r:1: warning: source address 192.0.2.25 is not' "$tool" check --strict --quiet -r 'bind 192.0.2.25'
row 1 '!OK|settings' "$tool" check --strict --quiet -r 'bind 192.0.2.25'
row 0 '!.' "$tool" check --quiet -r 'bind 192.0.2.25'
row 0 '!.' "$tool" check --strict --quiet -r direct
row 0 '^good: OK, 3 rules$' "$tool" check -c good
row 0 '^good: OK, 3 rules$' "$tool" check --config good

# Findings. finds LINE PATTERN RULES: there is such a warning for that line. clean RULES: there is
# none.
finds() {
  printf '%s\n' "$3" > rules
  row 0 "^rules:$1: warning: $2" "$tool" check rules
  row 1 "^rules:$1: warning: $2" "$tool" check --strict rules
}
clean() {
  printf '%s\n' "$1" > rules
  row 0 '!warning' "$tool" check --strict rules
}
# lacks PATTERN RULES: there is no such warning.
lacks() {
  printf '%s\n' "$2" > rules
  row 0 "!warning: .*$1" "$tool" check rules
}
clean 'direct'
finds 1 'source address 192.0.2.25 is not on this host now' 'bind 192.0.2.25 to 10.0.0.0/8'
finds 1 'source address 2001:db8::25 is not on this host now' 'bind 2001:db8::25 to fd00::/8'
clean 'bind 127.0.0.25 to 127.0.0.0/8'
clean 'bind 192.0.2.25, 127.0.0.25 to 127.0.0.0/8'
finds 1 'none of the source addresses 192.0.2.25, 192.0.2.26 is on this host now' \
  'bind 192.0.2.25, 192.0.2.26 to 10.0.0.0/8'
finds 1 'source address 2001:db8::25 is not on this host now' \
  'bind 127.0.0.25, 2001:db8::25, 127.0.0.26'
row 0 '^  1  bind 127.0.0.25, 127.0.0.26, ::1 to any pick random$' \
  "$tool" check -r 'bind 127.0.0.25,127.0.0.26 , ::1 pick random'
row 0 '"sources":\["127.0.0.25","127.0.0.26"\],"pick":"first"' \
  "$tool" check --json -r 'bind 127.0.0.25, 127.0.0.26'

hidden='no connection can reach this rule'
finds 2 "$hidden: line 1 hides it" 'direct to 10.0.0.0/8
refuse to 10.1.0.0/16 port 25'
finds 3 "$hidden: line 1 and line 2 hide it" 'direct to 10.0.0.0/9
direct to 10.128.0.0/9
refuse to 10.0.0.0/8'
finds 3 "$hidden: line 1 and line 2 hide it" 'direct port 1-100
direct port 101-65535
refuse to 10.0.0.0/8'
clean 'direct to 10.0.0.0/9
direct to 10.128.0.0/10
refuse to 10.0.0.0/8'
clean 'direct port 1-100
direct port 102-65535
refuse to 10.0.0.0/8'
clean 'direct to 10.0.0.0/8 proto udp
refuse to 10.0.0.0/8'
finds 2 "$hidden: line 1 hides it" 'direct proto any
refuse proto udp'
finds 3 "$hidden: line 2 hides it" 'direct to 10.0.0.0/8
direct to 10.0.0.0/8 proto udp
refuse to 10.0.0.0/8 port 7 proto udp'
clean 'direct to 10.0.0.0/8 program a
refuse to 10.0.0.0/8'
finds 2 "$hidden: line 1 hides it" 'direct to 10.0.0.0/8
refuse to 10.0.0.0/8 program a'
finds 3 "$hidden: line 1 and line 2 hide it" 'direct program a
direct program b
refuse program a, b'
clean 'direct program a
direct program b
refuse program a, b, c'
finds 2 "$hidden: .only. names none of its programs" 'only a
direct program b
refuse'
finds 3 "$hidden: line 2 hides it" 'only a
direct program a
refuse'
clean 'only a, b
direct program a
refuse'
finds 1 "$hidden: its destinations match no rule" 'refuse to 0.0.0.0
direct'
finds 2 "$hidden: line 1 hides it" 'direct to any
refuse to 8.0.0.0/5'
clean 'direct to any
refuse to 127.0.0.0/8'
clean 'refuse to 0.0.0.0/31'
clean 'refuse to ::/127'
clean 'direct to any
refuse to 0.0.0.0/0'
printf 'direct; refuse\n' > rules
row 0 '^rules \(rule 2 of line 1\): warning: no connection.*: rule 1 of line 1 hides it$' "$tool" check rules

finds 1 'port 25, 465 is covered for IPv4 only' 'bind 127.0.0.25 port 25, 465'
finds 1 'port 25 is covered for IPv6 only' 'bind ::1 to any port 25
bind 127.0.0.1 to any port 465
refuse to any port 465'
finds 1 'every port is covered for IPv4 only' 'bind 127.0.0.25'
finds 1 'port 101-200 is covered for IPv4 only' 'bind 127.0.0.25 port 1-200
refuse to ::/0 port 1-100'
lacks 'covered for' 'bind 127.0.0.25 port 25
refuse port 25'
lacks 'covered for' 'bind 127.0.0.25 ::1 port 25'
lacks 'covered for' 'bind 127.0.0.25 port 25 program a
bind ::1 port 25 program a'
finds 1 'port 25 is covered for IPv4 only' 'bind 127.0.0.25 port 25
bind ::1 port 25 program a'
lacks 'covered for' 'bind 127.0.0.25 to 10.0.0.0/8 port 25'

# Rules that are correct but hardly intended.
loopback='source address 127.0.0.1 is a loopback address: connections that leave this host fail'
finds 1 "$loopback" 'bind 127.0.0.1 to any'
finds 1 "$loopback" 'bind 127.0.0.1 ::1'
finds 1 "$loopback" 'bind 127.0.0.1 to 127.0.0.0/8, 10.0.0.0/8'
finds 1 'source address ::1 is a loopback address' 'bind ::1 to ::/0'
lacks 'loopback' 'bind 127.0.0.1 ::1 to 127.0.0.0/8, ::1'
lacks 'loopback' 'bind 192.0.2.25, 127.0.0.1'
finds 1 'destination 0.0.0.0 matches no connection: it means this host itself' \
  'refuse to 0.0.0.0, 10.0.0.0/8'
finds 1 'destination :: matches no connection' 'refuse to 10.0.0.0/8, ::'
row 0 '^hint: write .any., or ::/0 with loopback$' "$tool" check rules
row 0 'are this host itself: write .any., or 0.0.0.0/0 with loopback' \
  "$tool" check -r 'refuse to 0.0.0.0; direct'
lacks 'matches no connection' 'refuse to 0.0.0.0/0, ::/0'
# A public address behind a router that translates addresses, and the node's own address.
cat > inside << 'END'
#!/bin/sh
# inside ADDRESS COMMAND...: runs it on a host with this address and a default route.
ip link set lo up
ip link add wire type veth peer name far
ip link set wire up
ip link set far up
for address in $1; do ip addr add "$address" dev wire; done
ip route add default dev wire
shift
exec "$@"
END
if unshare -n sh inside 192.168.7.7/24 true 2> /dev/null; then
  # near ADDRESSES PATTERN RULES: the same for check, on a host with these addresses.
  near() { row 0 "$2" unshare -n sh inside "$1" "$tool" check -r "$3"; }
  nat='^hint: connections .* until it is; if this host is behind NAT, name its private address$'
  standby='^hint: connections of this rule are refused until it is, which is right on a standby node$'
  near 192.168.7.7/24 "$nat" 'bind 203.0.113.9'
  near 192.168.7.7/24 "$nat" 'bind 203.0.113.9 else direct'
  near 192.168.7.7/24 "$standby" 'bind 192.168.7.8'
  near 203.0.113.7/24 "$standby" 'bind 203.0.113.9'
  near 203.0.113.7/24 '^hint: .* are refused until one of them is, which is' 'bind 203.0.113.8, 203.0.113.9'
  own='source address 203.0.113.7 is the one that this node takes without a rule$'
  near 203.0.113.7/24 "$own" 'bind 203.0.113.7'
  near 203.0.113.7/24 "$own" 'bind 203.0.113.7 to 10.0.0.0/8'
  near '203.0.113.7/24 203.0.113.9/24' '!takes without' 'bind 203.0.113.9'
  near 203.0.113.7/24 '!takes without' 'bind 203.0.113.7, 203.0.113.9'
else
  echo 'left out, for there are no network namespaces: findings about addresses that are here'
  [ "${CI:-}" != true ] || wrong 'no network namespaces'
fi

# Names that no running program can have: links and scripts on this host.
mkdir bin
cp /bin/true bin/snake3.11
ln -s snake3.11 bin/snake3
printf '#!%s/bin/snake3.11\n' "$work" > bin/charm
chmod 755 bin/charm
named() { row "$1" "$2" env PATH="$work/bin:$PATH" "$tool" check --strict -r "$3"; }
named 1 "^-r:1: warning: on this host snake3 is a link that runs $work/bin/snake3.11: rules see the name snake3.11$" \
  'refuse program snake3'
named 1 '^hint: write snake3.11 as well, or in its place$' 'refuse program snake3'
named 1 'on this host charm is a script that runs .*/snake3.11: rules see the name snake3.11$' \
  'refuse program charm'
named 1 '^-r: warning: on this host snake3 is a link' 'only snake3; refuse'
named 0 '!warning' 'refuse program snake3.11, no-such-program'

# Properties of the file itself.
printf 'direct\n' > rules
chmod 600 rules
row 0 '^rules: warning: mode 0600: programs of other users cannot read it' "$tool" check rules
chmod 644 rules
row 0 '!warning' "$tool" check rules
chmod 700 .
row 0 "^rules: warning: programs of other users cannot enter $work" "$tool" check rules
chmod 755 .

# check and explain refuse what the library refuses. Run as root they judge for root; run by another
# user they judge for that user, and warn that root's programs will refuse the file.
refused='the library refuses the file, and every TCP connection outside loopback$'
if [ "$(id -u)" -eq 0 ]; then
  cp "$tool" tool # in a place that nobody else can reach
  # refuses WHY: the file `rules' as it is now.
  refuses() {
    row 1 "^rules: error: $1: $refused" "$tool" check rules
    row 1 '^hint: chown root rules; chmod go-w rules$' "$tool" check rules
    row 1 "^rules: error: $1: " "$tool" check --quiet -c rules
    row 1 "\"right\":true,\"refused\":\"$1\"" "$tool" check --json rules
    row 1 "error: $1: $refused" env CLUSTERBIND_CONFIG="$work/rules" "$tool" check
    row 1 "^rules: error: $1: $refused" "$tool" explain -c rules 198.51.100.7 25
    row 1 '^outcome: .* is refused with EADDRNOTAVAIL' "$tool" explain -c rules 198.51.100.7 25
    row 1 "\"refused\":\"$1\"" "$tool" explain --json -c rules 198.51.100.7 25
    row 2 "^rules: error: $1: $refused" "$tool" audit -c rules
    # Programs of another user read it nevertheless.
    row 0 "^rules: warning: $1: programs started as root, and setuid ones, refuse it" \
      setpriv --reuid=65534 --clear-groups ./tool check rules
    row 0 '^outcome: left alone$' \
      setpriv --reuid=65534 --clear-groups ./tool explain -c rules 198.51.100.7 25
    # The library itself says the same.
    if [ -e "$library" ]; then
      row 1 'Cannot assign requested address' env LD_PRELOAD="$library" \
        CLUSTERBIND_CONFIG="$work/rules" "$programs/hold" 198.51.100.7 25
    fi
  }
  chmod 664 rules && refuses 'writable by group or others'
  chmod 646 rules && refuses 'writable by group or others'
  chmod 644 rules && chown nobody rules && refuses 'not owned by root'
  # Errors in the rules are reported as well.
  printf 'bnid\n' > rules
  row 1 '^rules: error: not owned by root: ' "$tool" check rules
  row 1 '^rules:1:1: error: ' "$tool" check rules
  # Root of a user namespace, for whom a file of the real root shows the overflow user as its owner.
  printf 'direct\n' > rules && chown root rules
  stranger='setpriv --reuid=1234 --clear-groups unshare -Ur'
  # shellcheck disable=SC2086 # several words
  if $stranger true 2> /dev/null; then
    row 1 '^rules: error: not owned by root: ' $stranger ./tool check rules
    row 1 '^hint: this is a user namespace: its own root must own the file' \
      $stranger ./tool check rules
  fi
fi

# Many rules are checked in limited time.
awk 'BEGIN { for (i = 0; i < 100000; i++)
  printf "bind 127.0.0.25 to 10.%d.%d.%d/32 port 25\n", i / 65536, i / 256 % 256, i % 256
  print "refuse to 10.0.0.9 port 25" }' > rules
row 0 '^rules:100001: warning: no connection can reach this rule: line 10 hides it$' \
  "$tool" check rules
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "direct to 10.0.0.0/8 program p%d\n", i }' > rules
row 0 'not examined for reachability' "$tool" check rules

# Output that cannot be written. An answer that is lost counts as none; an error message that is lost
# leaves the exit status.
into() { row "$1" "$2" sh -c 'to=$1; shift; eval "\"\$@\" $to"' sh "$3" "$tool" check -r "$4"; }
into 2 'cannot write the answer' '>/dev/full' direct
into 2 'cannot write the answer' '>&-' direct
into 2 '!.' '>&- 2>&-' direct
into 1 '!.' '2>&-' bnid
into 1 '!.' '2>/dev/full' bnid
row 64 '!.' sh -c '"$1" chek 2>/dev/full' sh "$tool"

# Wrong usage.
row 64 "one word too many: 'second': check takes one FILE" "$tool" check good second
row 64 'one FILE' "$tool" check -r direct good
row 64 'one FILE' "$tool" check -c good good
row 64 'unrecognized' "$tool" check --connect good
row 0 '!\[' env TERM=xterm "$tool" check -r direct
finish
