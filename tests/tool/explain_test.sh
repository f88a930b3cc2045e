#!/bin/sh
# clusterbind explain, as a table of questions. Usage: explain_test.sh BUILD-FOLDER FOLDER-OF-TEST-PROGRAMS
set -u
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
tool=$1/clusterbind

cat > "$work/rules" << 'END'
direct to 10.0.0.0/8, fd00::/8
bind 127.0.0.25 to 127.0.0.0/8 port 25, 2525-2530
bind 127.0.0.26 to any port 26 proto udp
bind 127.0.0.26 to any port 26 program mta, mtad else direct
refuse to 198.51.100.0/24 port x400
bind 192.0.2.25 2001:db8::25 to any port smtp, submission else refuse
bind 192.0.2.25 to 203.0.113.7 else direct
refuse to any port 25 proto any
END

# asks LINE STATUS QUESTION...: the line of the rule that decides (- for no rule), and the exit
# status.
asks() {
  line=$1 want=$2
  shift 2
  if [ "$line" = - ]; then
    row "$want" '^rule:    no rule$' "$tool" explain --config "$work/rules" "$@"
  else
    row "$want" "^rule:    $work/rules:$line: " "$tool" explain --config "$work/rules" "$@"
  fi
}

#    line status  question
asks 1 0 10.0.0.0 25
asks 1 0 10.255.255.255 65535
asks 6 1 11.0.0.0 25
asks - 0 11.0.0.0 24
asks 1 0 fdff::1 25
asks 6 1 fe00::1 25
asks 1 0 ::ffff:10.1.2.3 25
asks 2 0 127.0.0.1 25
asks 2 0 127.255.255.255 2530
asks - 0 127.0.0.1 2531
asks - 0 127.0.0.1 587
asks 2 0 ::ffff:127.0.0.1 2525
asks - 0 ::1 25
asks - 0 0.0.0.0 25
asks - 0 :: 25
asks - 0 192.0.2.1 26
asks 3 0 192.0.2.1 26 --proto udp
asks 4 0 192.0.2.1 26 --program mta
asks 4 0 192.0.2.1 26 --program mtad
asks - 0 192.0.2.1 26 --program mt
asks - 0 2001:db8::1 26 --program mta
asks 5 1 198.51.100.255 x400
asks 5 1 198.51.100.0 102
asks - 0 198.51.101.0 102
asks - 0 198.51.100.0 102 --proto udp
asks 6 1 198.51.100.7 587
asks 6 1 198.51.100.7 submission
asks 6 1 2001:db8:1::7 smtp
asks 7 0 203.0.113.7 443
asks - 0 203.0.113.6 443
asks 8 1 198.51.100.7 25 --proto udp

# The other lines of the answer.
row 1 '^source:  192.0.2.25, not on this host now$' "$tool" explain --rules 'bind 192.0.2.25' 198.51.100.7 25
row 1 '^outcome: refused with EADDRNOTAVAIL: 192.0.2.25 is not' "$tool" explain --rules 'bind 192.0.2.25' 198.51.100.7 25
row 0 '^outcome: left alone: 192.0.2.25 is not' "$tool" explain --rules 'bind 192.0.2.25 else direct' 198.51.100.7 25
row 0 '^source:  127.0.0.25, on this host now$' "$tool" explain --rules 'bind 127.0.0.25 to 127.0.0.0/8' 127.0.0.1 25

# A list: every address is shown, and the one that is taken.
pair='bind 192.0.2.25, 127.0.0.26, ::1 to 127.0.0.0/8'
row 0 '^source:  192.0.2.25, not on this host now$' "$tool" explain -r "$pair" 127.0.0.1 25
row 0 '^      or 127.0.0.26, on this host now$' "$tool" explain -r "$pair" 127.0.0.1 25
row 0 '^outcome: bound to 127.0.0.26$' "$tool" explain -r "$pair" 127.0.0.1 25
row 0 '!::1,' "$tool" explain -r "$pair" 127.0.0.1 25
row 0 '^outcome: bound to one of 127.0.0.26, 127.0.0.27, drawn at random$' "$tool" explain \
  -r 'bind 127.0.0.26, 192.0.2.25, 127.0.0.27 to 127.0.0.0/8 pick random' 127.0.0.1 25
row 1 '^outcome: refused with EADDRNOTAVAIL: none of 192.0.2.25, 192.0.2.26 is on this host now$' \
  "$tool" explain -r 'bind 192.0.2.25, 192.0.2.26' 198.51.100.7 25
row 0 '^outcome: left alone: none of 192.0.2.25, 192.0.2.26 is on this host now' \
  "$tool" explain -r 'bind 192.0.2.25, 192.0.2.26 else direct' 198.51.100.7 25
row 0 '"sources":.*"source":"127.0.0.26"' "$tool" explain --json -r "$pair" 127.0.0.1 25
row 0 '^outcome: bound to 127.0.0.25$' "$tool" explain --rules 'bind 127.0.0.25 to 127.0.0.0/8' 127.0.0.1 25
row 1 '^outcome: refused with ECONNREFUSED$' "$tool" explain --rules refuse 198.51.100.7 25
row 0 '.only. does not name this program' "$tool" explain --rules 'only exim4; refuse' 198.51.100.7 25
row 1 '^rule:    -r \(rule 1 of line 1\): refuse to any$' "$tool" explain --rules 'only exim4; refuse; direct' --program exim4 198.51.100.7 25
row 1 '^rule:    CLUSTERBIND_RULES:1: refuse to any$' env CLUSTERBIND_RULES=refuse "$tool" explain 198.51.100.7 25
row 1 '^rule:    -r:1: refuse to any$' "$tool" explain -r refuse 198.51.100.7 25
row 1 "^rule:    $work/rules:5: " "$tool" explain -c "$work/rules" 198.51.100.7 102
row 1 "^rule:    $work/rules:5: " "$tool" explain --config "$work/rules" 198.51.100.7 102
row 0 '"rule":null' "$tool" explain --json --rules 'refuse port 26' 198.51.100.7 25
row 1 '"action":"refuse"' "$tool" explain --json --rules refuse 198.51.100.7 25
row 1 '^-r:1:1: error: ' "$tool" explain --rules rifuse 198.51.100.7 25
row 1 '/absent: error: No such file' "$tool" explain --config "$work/absent" 198.51.100.7 25

# Endpoints in the form of log lines and of this tool's own output.
row 1 '^198.51.100.7:25 tcp$' "$tool" explain -r refuse 198.51.100.7:25
row 1 '^\[2001:db8::7\]:25 tcp$' "$tool" explain -r refuse '[2001:db8::7]:25'
row 1 '^198.51.100.7:587 tcp$' "$tool" explain -r refuse 198.51.100.7:submission
row 1 '^198.51.100.7:25 tcp$' "$tool" explain -r refuse '[::ffff:198.51.100.7]:25'
row 64 'address alone: write \[2001:db8::7\]:PORT$' "$tool" explain -r refuse 2001:db8::7
row 64 'address alone: write 198.51.100.7:PORT$' "$tool" explain -r refuse 198.51.100.7
row 64 'needs brackets: \[2001:db8::1:2:3:4:5:6\]:25$' \
  "$tool" explain -r refuse 2001:db8::1:2:3:4:5:6:25
row 64 'neither' "$tool" explain -r refuse example
row 64 'not a port' "$tool" explain -r refuse 198.51.100.7:
row 64 'not an address: \[198.51.100.7$' "$tool" explain -r refuse '[198.51.100.7:25'

# Programs: rules match the executable that runs in the end, whether the program is given by its
# name or by its path.
mkdir "$work/bin" "$work/sbin"
cp /bin/true "$work/sbin/smtp"
cp /bin/true "$work/bin/snake3.11"
ln -s snake3.11 "$work/bin/snake3"
printf '#!%s/bin/snake3 -x\n' "$work" > "$work/bin/charm"
chmod 755 "$work/bin/charm"
runs() {
  status=$1 wanted=$2 names=$3
  shift 3
  row "$status" "$wanted" env PATH="$work/bin:$PATH" \
    "$tool" explain --rules "refuse program $names" --program "$@" 198.51.100.7 25
}
runs 1 '^rule:    -r:1: ' smtp smtp
runs 1 '^rule:    -r:1: ' smtp "$work/sbin/smtp"
runs 1 "^program: $work/sbin/smtp runs $work/sbin/smtp: rules see the name smtp$" smtp "$work/sbin/smtp"
runs 0 '^rule:    no rule$' snake3 snake3
runs 0 "^program: snake3 runs $work/bin/snake3.11: rules see the name snake3.11$" snake3 snake3
runs 1 '^rule:    -r:1: ' snake3.11 snake3
runs 1 '^rule:    -r:1: ' snake3.11 "$work/bin/snake3"
runs 1 '^rule:    -r:1: ' snake3.11 "$work/bin/charm"
runs 1 '!^program: ' snake3.11 snake3.11
runs 0 '"program":"snake3","executable":"snake3.11"' snake3 snake3 --json
runs 2 'No such file or directory: give the name alone, as in --program smtp$' smtp /no/such/smtp
runs 2 '"trouble":".*No such file' smtp /no/such/smtp --json
runs 2 'not a regular file' smtp "$work"

# A connection that is really opened.
"$2/hold" -l 127.0.0.99 2525 > "$work/listener" &
listener=$!
trap 'kill "$listener"; rm -rf "$work"' EXIT
until grep -q ready "$work/listener"; do sleep 0.1; done
row 0 '^connect: made from 127.0.0.25:[0-9]+ in [0-9.]+ ms$' "$tool" explain --connect --config "$work/rules" 127.0.0.99 2525
row 0 '^connect: made from 127.0.0.1:' "$tool" explain --connect --rules 'refuse port 1' 127.0.0.99 2525
row 0 '"connect":\{"made":true,"local":"127.0.0.25",' "$tool" explain --json --connect --config "$work/rules" 127.0.0.99 2525
row 1 '^connect: failed: connect: Connection refused$' "$tool" explain --connect --config "$work/rules" 127.0.0.98 2525
row 1 '!^connect: ' "$tool" explain --connect --rules 'refuse to 127.0.0.0/8' 127.0.0.99 2525

# Wrong usage.
row 64 'DEST and PORT' "$tool" explain --rules direct 198.51.100.7
row 64 "one word too many: '26': explain takes" "$tool" explain --rules direct 198.51.100.7 25 26
row 64 'not an address: example: names are not looked up: getent ahosts example ' "$tool" explain --rules direct example 25
row 64 'not a port' "$tool" explain --rules direct 198.51.100.7 0
row 64 'not a port' "$tool" explain --rules direct 198.51.100.7 65536
row 64 'not a port' "$tool" explain --rules direct 198.51.100.7 1-2
row 64 'not a port' "$tool" explain --rules direct 198.51.100.7 '25 to any'
row 64 'not a port' "$tool" explain --rules direct 198.51.100.7 ''
row 64 'tcp or udp' "$tool" explain --rules direct --proto sctp 198.51.100.7 25
row 64 'cannot be used together' "$tool" explain --rules direct --config x 198.51.100.7 25
row 64 "no such command: 'explian': did you mean explain\\?$" "$tool" explian
row 64 "no such command: 'chek': did you mean check\\?$" "$tool" chek
row 64 "no such command: 'frobnicate'$" "$tool" frobnicate
row 64 "no such option before a command: '--jsn'" "$tool" --jsn
row 64 'COMMAND is missing' "$tool"
row 64 "unrecognized option '--colour'" "$tool" explain --colour
row 64 "unrecognized option '--porgram': did you mean --program\\?$" "$tool" explain --porgram x
row 64 "unrecognized option '--strict' for explain: it belongs to check$" "$tool" explain --strict
row 64 "unrecognized option '-x'$" "$tool" explain -x
row 64 "'--pro' could be --proto or --program$" "$tool" explain --pro udp
row 64 '^clusterbind: --json takes no value$' "$tool" explain --json=1
row 64 "^clusterbind: unrecognized option '-j': did you mean --json\\?$" "$tool" explain -j
row 64 '^clusterbind: -c needs a value: FILE$' "$tool" explain -c
row 0 '^Usage: clusterbind explain ' "$tool" help explain
row 0 '^Usage: clusterbind explain ' "$tool" explain --help
row 0 '^Usage: clusterbind COMMAND ' "$tool" help
row 64 "no such command: 'explian': did you mean explain\\?$" "$tool" help explian
row 64 '^clusterbind: COMMAND is missing' "$tool"
row 64 '^clusterbind: --proto needs a value: tcp or udp$' "$tool" explain --proto
row 64 "tcp or udp, not 'sctp'" "$tool" explain -r direct --proto sctp 198.51.100.7 25
row 0 '^Usage: ' "$tool" --help
for command in check explain doctor audit; do
  row 0 "^Usage: clusterbind $command " "$tool" "$command" --help
  row 0 '!^Usage: clusterbind (check|explain|doctor|audit).* clusterbind' "$tool" "$command" --help
  row 0 '^clusterbind [0-9.]+$' "$tool" "$command" --version
done

# All commands take rules in the same way. What they answer is tested elsewhere.
printf 'direct\n' > "$work/direct"
# takes COMMAND OPERAND...
takes() {
  for option in -c --config -r --rules; do
    case $option in
      *c*) value=$work/direct ;;
      *) value=direct ;;
    esac
    command=$1
    shift
    rows=$((rows + 1))
    status=0
    "$tool" "$command" "$option" "$value" "$@" > "$work/output" 2>&1 || status=$?
    if [ "$status" -ge 2 ]; then wrong "$command $option: exit status $status"; fi
    set -- "$command" "$@"
  done
  row 64 'cannot be used together|one FILE' "$tool" "$@" -c "$work/direct" -r direct
}
takes check
takes explain 198.51.100.7 25
takes doctor /bin/true
takes audit
row 0 '^clusterbind [0-9.]+$' "$tool" explain --version
finish
