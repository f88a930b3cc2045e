#!/bin/bash
# The archive of a portable build in a root that has only musl: from unpacking to a bound
# connection, which the other end sees. Usage: musl_test.sh SOURCE-FOLDER BUILD-FOLDER
set -u
source=$1 build=$2
# shellcheck source-path=SCRIPTDIR source=../support/own_root.sh
. "$source/tests/support/own_root.sh"
# shellcheck source-path=SCRIPTDIR source=ways.sh
. "$source/tests/reach/ways.sh"

make_own_root() {
  needs musl-gcc
  mkdir -p "$cache"
  sh "$source/tests/reach/musl_root.sh" "$cache/musl" > "$cache/musl.log" 2>&1 ||
    { tail -n 20 "$cache/musl.log"; return 1; }
}
own_namespaces "$@"
over_root "$cache/musl/root"

row 0 '' tar -C "$root/usr/local" --strip-components 1 -xf "$build"/portable/libclusterbind-*.tar.gz
printf 'bind 127.0.0.25 to 127.0.0.0/8\nlog info\n' > "$root/etc/clusterbind.conf"
start_listener "$build" "$work/listener" || exit 1
row 0 '' musl-gcc -o "$root/tmp/subject" "$source/tests/reach/subject.c"

# doctor reads the same version that musl's loader prints.
version=$(chroot "$root" "/lib/$(basename "$root"/lib/ld-musl-*)" 2>&1 | sed -n 's/^Version //p')
shell 0 "^C library +musl $version \(/lib/ld-musl-" 'clusterbind doctor nc'
shell 0 '^verdict: reachable' 'clusterbind doctor nc'
all_ways 127.0.0.1 "${inside[@]}" /tmp/subject
all_ways 127.0.0.25 "${inside[@]}" clusterbind-run /tmp/subject
# The bare name works too, because the library is in a folder that musl's loader searches.
all_ways 127.0.0.25 "${inside[@]}" LD_PRELOAD=libclusterbind.so CLUSTERBIND_FOLLOW=1 /tmp/subject
shell 126 'static' 'clusterbind-run clusterbind check'

# From the check to the line in the log.
shell 0 'OK, 1 rule' 'clusterbind check'
shell 0 '^source: +127.0.0.25' 'clusterbind explain 127.0.0.1 25'
sees 127.0.0.1 "echo QUIT | nc 127.0.0.1 $port"
sees 127.0.0.25 "echo QUIT | clusterbind-run -e nc 127.0.0.1 $port"
row 0 "^clusterbind\[[0-9]+\]: busybox: bound 127.0.0.25 -> 127.0.0.1:$port \(/etc/clusterbind.conf:1\)" \
  cat "$listener_log.command"
mail="sendmail -S 127.0.0.1:$port -f a@example.org b@example.org"
sees 127.0.0.1 "printf 'Subject: x\n\nx\n' | $mail"
sees 127.0.0.25 "printf 'Subject: x\n\nx\n' | clusterbind-run $mail"
finish
