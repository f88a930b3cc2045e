#!/bin/bash
# The archive of a portable build in a Debian 11 root (glibc 2.31, this host's kernel): from
# unpacking to a bound connection, which the other end sees. Usage: bullseye_test.sh SOURCE-FOLDER
# BUILD-FOLDER
set -u
source=$1 build=$2
# shellcheck source-path=SCRIPTDIR source=../support/own_root.sh
. "$source/tests/support/own_root.sh"
# shellcheck source-path=SCRIPTDIR source=ways.sh
. "$source/tests/reach/ways.sh"
base_packages=busybox
root_packages[reach]='curl perl python3 postfix'

make_own_root() {
  needs debootstrap
  make_roots_of bullseye reach
}
own_namespaces "$@"
over_root "$cache/bullseye/reach"

row 0 '' tar -C "$root/usr/local" --strip-components 1 -xf "$build"/portable/libclusterbind-*.tar.gz
printf 'bind 127.0.0.25 to 127.0.0.0/8\nlog info\n' > "$root/etc/clusterbind.conf"
start_listener "$build" "$work/listener" || exit 1
"${inside[@]}" busybox syslogd -n -O /var/log/syslog &
for _ in {1..50}; do [ -S "$root/dev/log" ] || sleep 0.2; done

# The program is linked with the root's libraries, because those of this host may be newer.
row 0 '' cc -nodefaultlibs -Wl,--allow-shlib-undefined -o "$root/srv/subject" "$source/tests/reach/subject.c" \
  "$root"/lib/*/libpthread.so.0 "$root"/lib/*/libc.so.6
shell 0 '^C library +glibc 2.31 \(/lib/.*/libc.so.6\)$|^C library +glibc 2.31 \(/usr/lib/.*\)$' \
  'clusterbind doctor /srv/subject'
all_ways 127.0.0.1 "${inside[@]}" /srv/subject
for shell in dash bash 'busybox sh'; do
  # shellcheck disable=SC2086 # words
  all_ways 127.0.0.25 "${inside[@]}" $shell /usr/local/bin/clusterbind-run /srv/subject
  # shellcheck disable=SC2086 # words
  row 126 'static' "${inside[@]}" $shell /usr/local/bin/clusterbind-run /usr/local/bin/clusterbind check
done

# From the check to the line in the log.
shell 0 'OK, 1 rule' 'clusterbind check'
shell 0 '^source: +127.0.0.25' 'clusterbind explain 127.0.0.1 25'
shell 0 '^verdict: reachable' 'clusterbind doctor python3'
python="python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", $port)).recv(9)'"
sees 127.0.0.1 "$python"
sees 127.0.0.25 "clusterbind-run $python"
for _ in {1..50}; do grep -q bound "$root/var/log/syslog" || sleep 0.2; done
row 0 "clusterbind\[[0-9]+\]: python3.9: bound 127.0.0.25 -> 127.0.0.1:$port \(/etc/clusterbind.conf:1\)" \
  cat "$root/var/log/syslog"
perl="perl -MIO::Socket::INET -e 'IO::Socket::INET->new(\"127.0.0.1:$port\")->getline'"
sees 127.0.0.1 "$perl"
sees 127.0.0.25 "clusterbind-run $perl"
sees 127.0.0.25 "clusterbind-run curl -s -m 5 --mail-from a@example.org --mail-rcpt b@example.org \
  -T /etc/hostname smtp://127.0.0.1:$port"
sees 127.0.0.25 "clusterbind-run curl -s -m 5 --tcp-fastopen http://127.0.0.1:$port/"

# Postfix cleans the environment of its smtp.
shell 0 '' "postconf -e relayhost=[127.0.0.1]:$port inet_protocols=ipv4 mydestination= smtputf8_enable=no"
shell 0 '' 'clusterbind-run postfix start'
sees 127.0.0.25 "printf 'Subject: x\n\nx\n' | sendmail -f a@example.org b@example.org"
shell 0 '' 'postfix stop'
# Groups are read from the file: this program has one of Postfix's groups.
shell 0 '^rights +setgid postdrop' 'clusterbind doctor /usr/sbin/postdrop || :'

finish
