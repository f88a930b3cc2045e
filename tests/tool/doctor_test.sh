#!/bin/sh
# clusterbind doctor on programs of every kind. Usage: doctor_test.sh BUILD-FOLDER PATIENTS-FOLDER
set -u
build=$1 patients=$2
# shellcheck source-path=SCRIPTDIR source=../programs/table.sh
. "$(dirname "$0")/../programs/table.sh"
unset LD_PRELOAD CLUSTERBIND_RULES CLUSTERBIND_CONFIG CLUSTERBIND_FOLLOW
cd "$work" || exit 1
chmod 755 .

# The tool with a library beside it: the real one, or where that is not built a stand-in.
cp "$build/clusterbind" tool
if [ -e "$build/libclusterbind.so" ]; then
  cp "$build/libclusterbind.so" .
else
  cc -shared -o libclusterbind.so -x c /dev/null
fi
tool=$work/tool
cp "$patients/hold" plain

# The verdict of each kind.
row 0 "^verdict: reachable: start it with: clusterbind-run $work/plain$" "$tool" doctor "$work/plain"
row 0 '^file +ELF, 64-bit .*, dynamic, /.*ld-linux' "$tool" doctor "$work/plain"
row 1 '^verdict: not reachable: statically linked' "$tool" doctor "$patients/hold-static"
row 1 '^file +ELF, .*, static$' "$tool" doctor "$patients/hold-static"
row 1 '^verdict: not reachable: statically linked' "$tool" doctor "$patients/hold-static-pie"
row 1 '^file +ELF, .*, static-pie$' "$tool" doctor "$patients/hold-static-pie"
row 1 '^verdict: not reachable: a Go program' "$tool" doctor "$patients/hold-go"
row 1 '^file +ELF, .*, Go \(go1.19\)' "$tool" doctor "$patients/hold-go"
row 1 '"go":true' "$tool" doctor --json "$patients/hold-go"
row 1 '^verdict: not reachable: a shared library' "$tool" doctor ./libclusterbind.so
row 2 '^verdict: could not find out: ' "$tool" doctor no-such-program
row 2 '"reachable":"unknown"' "$tool" doctor --json no-such-program
row 1 '^verdict: not reachable: .*: not a regular file' "$tool" doctor "$work"
cp plain idle && chmod a-x idle
row 1 'not executable' setpriv --reuid=65534 --clear-groups "$tool" doctor ./idle

# The last line is the verdict, always.
for one in ./plain "$patients/hold-static" ./libclusterbind.so; do
  "$tool" doctor "$one" > output 2>&1
  rows=$((rows + 1))
  if ! tail -n 1 output | grep -q '^verdict: '; then wrong "$one: the verdict is not last"; fi
done

# Found along PATH, as execvp(3) does.
mkdir one two
cp plain two/wanted
printf 'no program\n' > one/wanted
row 0 "^program +$work/two/wanted$" env PATH="$work/one:$work/two" "$tool" doctor wanted

# Scripts, to their interpreter.
printf '#!%s/plain -x\n' "$work" > script
printf '#!%s\n' "$patients/hold-static" > static-script
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

# Damaged files end in an answer, not in a crash.
for size in 10 20 64 100 500; do
  head -c "$size" plain > short && chmod 755 short
  row 1 '^verdict: not reachable' "$tool" doctor ./short
done
printf '\177ELF\002\002\001' > foreign
head -c 100 /dev/zero >> foreign
chmod 755 foreign
row 1 'of another byte order' "$tool" doctor ./foreign
# Program headers that point nowhere: e_phoff.
cp plain mad
printf '\377\377\377\377\377\377\377\177' | dd of=mad bs=1 seek=32 conv=notrunc 2> /dev/null
row 1 '^verdict: not reachable' "$tool" doctor ./mad

# Another architecture: without a library for it there is no way.
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
# e_machine: nothing has 4242.
printf '\222\020' | dd of=odd bs=1 seek=18 conv=notrunc 2> /dev/null
row 1 'no libclusterbind.so for machine 4242' "$tool" doctor ./odd
mv libclusterbind.so away
if ! ls /usr/lib/*/libclusterbind.so > /dev/null 2>&1; then
  row 1 'no libclusterbind.so' "$tool" doctor ./plain
fi
mv away libclusterbind.so

# Mail programs by name.
printf '#!/bin/sh\n' > nullmailer-send && chmod 755 nullmailer-send
row 0 '^its setting +--source' "$tool" doctor ./nullmailer-send
cp plain exim4
row 1 'runs itself again in secure execution' "$tool" doctor ./exim4
row 1 'MAIN_ADD_ENVIRONMENT' "$tool" doctor ./exim4
cp plain postfix
mkdir conf
# traps VALUE: whether inet_interfaces with this value is reported.
traps() {
  printf 'inet_interfaces = all\n# inet_interfaces = 192.0.2.9\ninet_interfaces =%s\nmyhostname = x\n' "$1" > conf/main.cf
  row 0 'inet_interfaces = .*the rule needs .override' env MAIL_CONFIG="$work/conf" "$tool" doctor ./postfix
}
spares() {
  printf 'inet_interfaces = 192.0.2.9\ninet_interfaces = %s\n' "$1" > conf/main.cf
  row 0 '!override' env MAIL_CONFIG="$work/conf" "$tool" doctor ./postfix
}
traps ' 192.0.2.10'
traps " \$myhostname"
traps '
  192.0.2.10'
spares all
spares loopback-only
spares '192.0.2.10, 127.0.0.1'
spares '192.0.2.10
  127.0.0.1'
printf 'smtp_bind_address = 192.0.2.10\n' > conf/main.cf
row 0 'smtp_bind_address = 192.0.2.10: its smtp binds itself' env MAIL_CONFIG="$work/conf" "$tool" doctor ./postfix

# Rights. Root's own setuid programs are no secure execution for root, others are.
if [ "$(id -u)" -eq 0 ] && [ ! -e /etc/ld.so.preload ]; then
  secure='verdict: not reachable: it runs in secure execution'
  cp plain setuid && chmod 4755 setuid
  cp plain setgid && chgrp 65534 setgid && chmod 2755 setgid
  cp plain locking && chgrp 65534 locking && chmod 2745 locking
  row 0 '^rights +setuid root$' "$tool" doctor ./setuid
  row 1 "$secure \\(setuid root\\)" setpriv --reuid=65534 --clear-groups "$tool" doctor ./setuid
  row 1 "$secure \\(setgid nogroup\\)" "$tool" doctor ./setgid
  row 0 '^rights +none$' "$tool" doctor ./locking
  if command -v setcap > /dev/null; then
    cp plain capable && setcap cap_net_bind_service+ep capable
    row 0 '^rights +capabilities$' "$tool" doctor ./capable
    row 1 "$secure \\(capabilities\\)" setpriv --reuid=65534 --clear-groups "$tool" doctor ./capable
  fi
  # With a setuid library where ld.so looks, in a mount namespace of this test's own.
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

# Running processes.
"$patients/hold" -l 127.0.0.1 2526 > plain.out &
outside=$!
LD_PRELOAD=$work/libclusterbind.so CLUSTERBIND_RULES='direct; refuse' "$work/plain" -l 127.0.0.1 2527 > guarded.out &
inside=$!
cat > parent.sh << 'END'
"$1" -l 127.0.0.1 2528 > first.out &
LD_PRELOAD='' "$1" -l 127.0.0.1 2529 > second.out &
until grep -q ready first.out && grep -q ready second.out; do sleep 0.1; done
echo ready
wait
END
LD_PRELOAD=$work/libclusterbind.so CLUSTERBIND_RULES=direct sh parent.sh "$work/plain" > parent.out &
parent=$!
trap 'kill $outside $inside $(cat /proc/$parent/task/$parent/children) $parent; rm -rf "$work"' EXIT
for one in plain guarded parent; do
  until grep -q ready $one.out; do sleep 0.1; done
done
row 1 '^verdict: not reached: its LD_PRELOAD does not name the library' "$tool" doctor --pid "$outside"
row 0 '^verdict: reached$' "$tool" doctor --pid "$inside"
row 0 "^library +$work/libclusterbind.so" "$tool" doctor --pid "$inside"
row 0 '^rules +CLUSTERBIND_RULES: 2 rules$' "$tool" doctor --pid "$inside"
row 0 '^environment .*CLUSTERBIND_RULES=direct; refuse' "$tool" doctor --pid "$inside"
row 1 '^descendants +2, 1 without the library$' "$tool" doctor --pid "$parent"
row 1 '^verdict: reached, but 1 of 2 descendants not: .*/plain' "$tool" doctor --pid "$parent"
row 1 '"absence":"its LD_PRELOAD' "$tool" doctor --json --pid "$parent"
if [ "$(id -u)" -eq 0 ]; then
  row 2 'verdict: could not find out: no permission' setpriv --reuid=65534 --clear-groups "$tool" doctor --pid "$inside"
fi
row 2 'no such process' "$tool" doctor --pid 999999999
row 64 'not a process id' "$tool" doctor --pid self
row 64 'one PROGRAM' "$tool" doctor
row 64 'one PROGRAM' "$tool" doctor a b

# A library of another version is told of.
printf 'const char v[] = "libclusterbind 9.8.7";\n' > other.c
cc -shared -fPIC -o libclusterbind.so other.c
row 0 'warning: this is version .*, but .*/libclusterbind.so is version 9.8.7$' "$tool" doctor ./plain
row 0 'version 9.8.7' "$tool" check -r direct
finish
