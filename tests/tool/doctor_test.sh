#!/bin/sh
# clusterbind doctor on programs of every kind. Usage: doctor_test.sh BUILD-FOLDER FOLDER-OF-TEST-PROGRAMS
set -u
build=$1 programs=$2
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
cd "$work" || exit 1
chmod 755 .
cp "$build/libclusterbind.so" .
cp "$build/clusterbind" tool
tool=$work/tool
cp "$programs/hold" plain

# The verdict on each kind of program.
row 0 "^verdict: reachable: start it with: clusterbind-run $work/plain$" "$tool" doctor "$work/plain"
row 0 '^file +ELF, 64-bit .*, dynamic, /.*ld-linux' "$tool" doctor "$work/plain"
row 1 '^verdict: not reachable: statically linked' "$tool" doctor "$programs/hold-static"
row 1 '^file +ELF, .*, static$' "$tool" doctor "$programs/hold-static"
row 1 '^verdict: not reachable: statically linked' "$tool" doctor "$programs/hold-static-pie"
row 1 '^file +ELF, .*, static-pie$' "$tool" doctor "$programs/hold-static-pie"
row 1 '^verdict: not reachable: a Go program' "$tool" doctor "$programs/hold-go"
row 1 '^file +ELF, .*, Go \(go1.19\)' "$tool" doctor "$programs/hold-go"
row 1 '"go":true' "$tool" doctor --json "$programs/hold-go"
row 1 '^verdict: not reachable: a shared library' "$tool" doctor ./libclusterbind.so
row 2 '^verdict: could not find out: ' "$tool" doctor no-such-program
row 2 '"reachable":"unknown"' "$tool" doctor --json no-such-program
row 1 '^verdict: not reachable: .*: not a regular file' "$tool" doctor "$work"
if [ "$(id -u)" -eq 0 ] && unshare -m true 2> /dev/null && ! ldconfig -p | grep -q libclusterbind; then
  row 2 '^verdict: could not find out which library belongs to this tool: /proc is missing$' \
    unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' sh "$tool" doctor "$work/plain"
fi
cp plain not-executable && chmod a-x not-executable
row 1 'not executable' setpriv --reuid=65534 --clear-groups "$tool" doctor ./not-executable

# Where rules in the kernel reach a program and the library does not, the commands are there.
start='^ +one start: systemd-run --scope sh -c'
row 1 '^verdict: .*; rules in the kernel reach it \(root, Linux 5.10\)$' "$tool" doctor "$programs/hold-go"
row 1 '^by kernel +its unit: clusterbind enable --now UNIT$' "$tool" doctor "$programs/hold-go"
row 1 "$start 'clusterbind attach --self && exec \"\\\$0\" \"\\\$@\"' $programs/hold-static\$" \
  "$tool" doctor "$programs/hold-static"
row 1 '^ +every start: clusterbind attach --cgroup /sys/fs/cgroup, with `only hold-static` first' \
  "$tool" doctor "$programs/hold-static"
row 1 "$start 'clusterbind attach --self -r .*' 'only a; direct' $programs/hold-static\$" \
  "$tool" doctor -r 'only a; direct' "$programs/hold-static"
echo direct > "it's rules"
row 1 "$start 'clusterbind attach --self -c .*' 'it'\\\\''s rules' $programs/hold-static\$" \
  "$tool" doctor -c "it's rules" "$programs/hold-static"
row 1 "its unit: clusterbind enable --now -c 'it'\\\\''s rules' UNIT\$" \
  "$tool" doctor -c "it's rules" "$programs/hold-static"
row 1 '"by_kernel":\{"unit":"clusterbind enable --now UNIT","one_start":"systemd-run ' \
  "$tool" doctor --json "$programs/hold-static-pie"
row 0 '!by kernel|in the kernel' "$tool" doctor ./plain
row 1 '!by kernel|in the kernel' "$tool" doctor ./libclusterbind.so
cc -shared -Wl,-soname,liburing.so.2 -o liburing.so.2 -x c /dev/null
echo 'int main(void) { return 0; }' |
  cc -o ringing -x c - -Wl,--no-as-needed -x none ./liburing.so.2 -Wl,-rpath,"$work"
row 0 '^verdict: reachable: .*; but not what it connects by io_uring; rules in the kernel reach that, too' \
  "$tool" doctor ./ringing
row 0 '^by kernel ' "$tool" doctor ./ringing

# The last line is always the verdict.
for one in ./plain "$programs/hold-static" ./libclusterbind.so; do
  "$tool" doctor "$one" > output 2>&1
  rows=$((rows + 1))
  if ! tail -n 1 output | grep -q '^verdict: '; then wrong "$one: the verdict is not last"; fi
done

# Programs are found in PATH, as by execvp(3).
mkdir one two
cp plain two/wanted
printf 'no program\n' > one/wanted
row 0 "^program +$work/two/wanted$" env PATH="$work/one:$work/two" "$tool" doctor wanted

# Daemons are in folders that an ordinary user's PATH lacks.
for folder in /usr/sbin /sbin; do
  if [ -x $folder/nologin ]; then
    row 0 "^program +(/usr)?/sbin/nologin$" \
      setpriv --reuid=65534 --clear-groups env PATH=/usr/bin:/bin "$tool" doctor nologin
  fi
done

# Programs that `only` leaves alone, and rules that are wrong.
row 0 '^rules +-r: 1 rule$' "$tool" doctor -r direct ./plain
row 0 '^rules +-r: `only` leaves plain alone$' "$tool" doctor -r 'only smtp; direct' ./plain
row 0 '^verdict: reachable: .*; but `only` leaves plain alone$' \
  "$tool" doctor -r 'only smtp; direct' ./plain
row 0 '"spared":true' "$tool" doctor --json -r 'only smtp; direct' ./plain
row 0 '!but `only`' "$tool" doctor -r 'only smtp, plain; direct' ./plain
row 0 '^rules +-r: wrong' "$tool" doctor -r bnid ./plain

# A unit is judged as `enable` would judge it. systemctl is imitated.
mkdir units
cp "$build/clusterbind" "$build/clusterbind-attach" "$build/libclusterbind.so" units
cat > units/systemctl << END
#!/bin/sh
for name in "\$@"; do :; done
program=$work/plain state=loaded
case \$name in
  static.service) program=$programs/hold-static ;;
  absent.service) state=not-found ;;
esac
echo "Id=\$name"
echo "LoadState=\$state"
echo "ExecStart={ path=\$program ; argv[]=\$program -d ; ignore_errors=no }"
END
chmod 755 units/systemctl
echo direct > unit.conf
unit_row() {
  status=$1 pattern=$2
  shift 2
  row "$status" "$pattern" env PATH="$work/units:$PATH" "$work/units/clusterbind" doctor "$@"
}
unit_row 0 '^verdict: reachable: clusterbind enable --now -c .*/unit.conf mail.service$' -c unit.conf mail.service
unit_row 0 "^rules +$work/unit.conf, 1 rule$" -c unit.conf mail.service
unit_row 0 "^starts +$work/plain -d$" -c unit.conf mail.service
unit_row 0 '"unit":"mail.service",.*"reachable":"yes"' --json -c unit.conf mail.service
unit_row 1 "^verdict: not reachable: $programs/hold-static: statically linked.*: clusterbind enable --kernel --now -c $work/unit.conf static.service$" \
  -c unit.conf static.service
unit_row 1 "^verdict: not reachable: .*/absent.conf: No such file" -c absent.conf mail.service
unit_row 2 '^verdict: could not find out: there is no such unit$' -c unit.conf absent.service
unit_row 64 'takes its rules from a file' -r direct mail.service

# A script is judged by its interpreter.
printf '#!%s/plain -x\n' "$work" > script
printf '#!%s\n' "$programs/hold-static" > static-script
printf '#! /usr/bin/env -S plain\n' > env-script
printf 'true\n' > bare
printf '#!/no/such/interpreter\n' > lost
printf '#!%s/script\n' "$work" > twice
printf '#!%s/loop\n' "$work" > loop
chmod 755 script static-script env-script bare lost twice loop
row 0 "^script +./script: #!$work/plain -x$" "$tool" doctor ./script
row 0 "^runs +$work/plain$" "$tool" doctor ./script
row 0 "^runs +$work/plain$" "$tool" doctor ./twice
row 0 "^runs +$work/plain$" env PATH="$work" "$tool" doctor ./env-script
row 0 'no #! line: shells use /bin/sh' "$tool" doctor ./bare
row 1 'statically linked' "$tool" doctor ./static-script
row 1 'its interpreter is missing: /no/such/interpreter' "$tool" doctor ./lost
row 1 'too many scripts' "$tool" doctor ./loop

# Damaged files lead to an answer and not to a crash.
for size in 10 20 64 100 500; do
  head -c "$size" plain > short && chmod 755 short
  row 1 '^verdict: not reachable' "$tool" doctor ./short
done
printf '\177ELF\002\002\001' > foreign
head -c 100 /dev/zero >> foreign
chmod 755 foreign
row 1 'of another byte order' "$tool" doctor ./foreign
# The program headers (e_phoff) are beyond the end of the file.
cp plain mad
printf '\377\377\377\377\377\377\377\177' | dd of=mad bs=1 seek=32 conv=notrunc 2> /dev/null
row 1 '^verdict: not reachable' "$tool" doctor ./mad

# Another architecture, for which there is no library.
if cc -m32 -nostdlib -shared-libgcc -o narrow -fPIE -pie -x c - 2> /dev/null << 'END'
void _start(void) { for (;;) { } }
END
then
  row 1 '^file +ELF, 32-bit ' "$tool" doctor ./narrow
  if [ ! -e /lib/ld-linux.so.2 ]; then
    row 1 'its interpreter /lib/ld-linux.so.2 is not on this host' "$tool" doctor ./narrow
  elif ! ls /usr/lib/i386-linux-gnu/libclusterbind.so > /dev/null 2>&1; then
    row 1 'no libclusterbind.so for i386' "$tool" doctor ./narrow
  fi
fi
cp plain odd
# The number 4242 stands for no e_machine.
printf '\222\020' | dd of=odd bs=1 seek=18 conv=notrunc 2> /dev/null
row 1 'no libclusterbind.so for machine 4242' "$tool" doctor ./odd
mv libclusterbind.so away
if ! ls /usr/lib/*/libclusterbind.so > /dev/null 2>&1; then
  row 1 'no libclusterbind.so' "$tool" doctor ./plain
fi
mv away libclusterbind.so

# Known mail programs.
printf '#!/bin/sh\n' > nullmailer-send && chmod 755 nullmailer-send
row 0 '^its setting +--source' "$tool" doctor ./nullmailer-send
cp plain exim4
row 1 'runs itself again in secure execution' "$tool" doctor ./exim4
row 1 'MAIN_ADD_ENVIRONMENT' "$tool" doctor ./exim4
cp plain postfix
mkdir conf
# is_trap VALUE: doctor warns of this value of inet_interfaces.
is_trap() {
  printf 'inet_interfaces = all\n# inet_interfaces = 192.0.2.9\ninet_interfaces =%s\nmyhostname = x\n' "$1" > conf/main.cf
  row 0 'inet_interfaces = .*the rule needs .override' env MAIL_CONFIG="$work/conf" "$tool" doctor ./postfix
}
# is_no_trap VALUE: doctor does not.
is_no_trap() {
  printf 'inet_interfaces = 192.0.2.9\ninet_interfaces = %s\n' "$1" > conf/main.cf
  row 0 '!override' env MAIL_CONFIG="$work/conf" "$tool" doctor ./postfix
}
is_trap ' 192.0.2.10'
is_trap " \$myhostname"
is_trap '
  192.0.2.10'
is_trap ' 192.0.2.10 2001:db8::10'
is_trap ' 192.0.2.10, 192.0.2.11, 2001:db8::10'
is_trap ' 127.0.0.1, [2001:db8::10]'
# The warning names the family with one address.
postfix_row() {
  row 0 "$1" env MAIL_CONFIG="$work/conf" "$tool" doctor ./postfix
}
printf 'inet_interfaces = 192.0.2.10 192.0.2.11 2001:db8::10\n' > conf/main.cf
postfix_row 'one single IPv6 address, to which Postfix binds its connections'
printf 'inet_interfaces = 192.0.2.10 2001:db8::10\n' > conf/main.cf
postfix_row 'one single IPv4 address and one single IPv6 address'
printf 'a = 192.0.2.10\nb = 192.0.2.11\ninet_interfaces = $a ${b}\n' > conf/main.cf
postfix_row '!override'
is_no_trap all
is_no_trap '192.0.2.10, 192.0.2.11, 2001:db8::10, 2001:db8::11'
is_no_trap '127.0.0.1 ::1'
is_no_trap loopback-only
is_no_trap '192.0.2.10, 127.0.0.1'
is_no_trap '192.0.2.10
  127.0.0.1'
printf 'smtp_bind_address = 192.0.2.10\n' > conf/main.cf
row 0 'smtp_bind_address = 192.0.2.10: Postfix binds its connections' env MAIL_CONFIG="$work/conf" "$tool" doctor ./postfix
printf 'smtp_bind_address6 = 2001:db8::10\nlmtp_bind_address = 192.0.2.10\n' > conf/main.cf
postfix_row 'main.cf: smtp_bind_address6 = 2001:db8::10: Postfix binds its connections'
postfix_row 'main.cf: lmtp_bind_address = 192.0.2.10: Postfix binds its connections'
# What cannot be read may bind, too.
if [ "$(id -u)" -eq 0 ]; then
  chmod 600 conf/main.cf
  row 0 'conf/main.cf: Permission denied: could not find out whether Postfix binds' \
    setpriv --reuid=65534 --clear-groups env MAIL_CONFIG="$work/conf" "$tool" doctor ./postfix
fi
printf 'inet_interfaces = all\nsmtp_bind_address =\n' > conf/main.cf
cat > conf/master.cf << 'END'
# service type  private unpriv  chroot  wakeup  maxproc command
smtp      inet  n       -       y       -       -       smtpd
#relay    unix  -       -       y       -       -       smtp -o smtp_bind_address=192.0.2.9
smtp      unix  -       -       y       -       -       smtp
  -o syslog_name=postfix/out
# in between
  -o smtp_bind_address=192.0.2.11
partner   unix  -       -       y       -       -       smtp -o { smtp_bind_address6 = 2001:db8::11 }
single    unix  -       -       y       -       -       smtp -oinet_interfaces=192.0.2.12
none      unix  -       -       y       -       -       smtp -o smtp_bind_address=
END
postfix_row "^note +$work/conf/master.cf:4: smtp -o: smtp_bind_address = 192.0.2.11: Postfix binds"
postfix_row "^note +$work/conf/master.cf:8: partner -o: smtp_bind_address6 = 2001:db8::11: Postfix binds"
postfix_row "^note +$work/conf/master.cf:9: single -o: inet_interfaces = 192.0.2.12: one single IPv4"
postfix_row '!192.0.2.9|: none -o|main.cf: '

# Rights. For root, setuid-root programs do not run in secure execution; other setuid programs do.
if [ "$(id -u)" -eq 0 ] && [ ! -e /etc/ld.so.preload ]; then
  secure='verdict: not reachable: it runs in secure execution'
  cp plain setuid && chmod 4755 setuid
  cp plain setgid && chgrp 65534 setgid && chmod 2755 setgid
  cp plain locking && chgrp 65534 locking && chmod 2745 locking
  row 0 '^rights +setuid root$' "$tool" doctor ./setuid
  row 1 "$secure \\(setuid root\\)" setpriv --reuid=65534 --clear-groups "$tool" doctor ./setuid
  row 1 "$secure \\(setgid nogroup\\).*; rules in the kernel reach it" "$tool" doctor ./setgid
  row 1 '^by kernel ' "$tool" doctor ./setgid
  row 0 '^rights +none$' "$tool" doctor ./locking
  if command -v setcap > /dev/null; then
    cp plain capable && setcap cap_net_bind_service+ep capable
    row 0 '^rights +capabilities$' "$tool" doctor ./capable
    row 1 "$secure \\(capabilities\\)" setpriv --reuid=65534 --clear-groups "$tool" doctor ./capable
  fi
  # With a setuid library in one of ld.so's folders, in a mount namespace of the test.
  folder=$(dirname "$(readlink -f /lib/*-linux-gnu/libc.so.6)")
  if unshare -m true 2> /dev/null && [ ! -e "$folder/libclusterbind.so" ]; then
    cat > installed.sh << 'END'
mkdir upper && mount -t tmpfs none upper && mkdir upper/a upper/b &&
  mount -t overlay none -o "lowerdir=$2,upperdir=upper/a,workdir=upper/b" "$2" &&
  cp libclusterbind.so "$2" && chmod "$3" "$2/libclusterbind.so" && "$1" doctor "$4"
END
    row 0 'reachable: it runs in secure execution .*LD_PRELOAD=libclusterbind.so' \
      unshare -m sh installed.sh "$tool" "$folder" 4755 ./setgid
    rm -rf upper
    row 1 "$secure" unshare -m sh installed.sh "$tool" "$folder" 755 ./setgid
    rm -rf upper
  fi
fi

row 64 'one PROGRAM' "$tool" doctor
row 64 "one word too many: 'b': doctor takes one PROGRAM" "$tool" doctor a b

# A warning if the library has another version.
printf 'const char v[] = "libclusterbind 9.8.7";\n' > other.c
cc -shared -fPIC -o libclusterbind.so other.c
row 0 'warning: this is version .*, but .*/libclusterbind.so is version 9.8.7$' "$tool" doctor ./plain
row 0 'version 9.8.7' "$tool" check -r direct
finish
