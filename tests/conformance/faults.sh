#!/bin/sh
# System calls that fail under the library, and files that are replaced: faults.sh BUILD
# The listener and the log are the judges: no connection may come from another address than that of
# the rules, and nothing may hang or crash.
set -u
if [ "${2:-}" = '' ]; then
  # In a mount namespace, so that the host's /dev stays unchanged.
  [ "$(id -u)" -eq 0 ] || { echo 'cannot run: it needs root' && exit 77; }
  reason=$(unshare -m true 2>&1) || {
    echo "cannot run: no mount namespace: ${reason#unshare: }"
    exit 77
  }
  exec unshare -m sh "$0" "$1" inside
fi
build=$(cd "$1" && pwd)
work=$(mktemp -d) || exit 1
trap 'umount /dev/log.d 2> /dev/null; rm -rf "$work"' EXIT
chmod 755 "$work"
# In a folder that every user can reach, because the build may lie below /root.
cp "$build/libclusterbind.so" "$build/conformance-storm" "$work" || exit 1
library=$work/libclusterbind.so storm=$work/conformance-storm
export CLUSTERBIND_LOG_TO=syslog
count=0 failed=0 connections=0 wrong_source=0

# result WHAT OUTCOMES PATTERN: all outcomes of a storm together must match the pattern. A
# connection from an address that the pattern does not name comes from a wrong one.
result() {
  count=$((count + 1))
  # shellcheck disable=SC2086 # pairs of words
  set -- "$1" "$2" "$3" $2
  name=$1 outcomes=$2 pattern=$3
  shift 3
  while [ $# -gt 1 ]; do
    case $1 in
      [0-9]*.*)
        connections=$((connections + $2))
        case $pattern in *"$1 "*) ;; *) wrong_source=$((wrong_source + $2)) ;; esac
        ;;
    esac
    shift 2
  done
  set -- "$name" "$outcomes" "$pattern"
  echo "$2" | grep -Eqx "$3" && return
  failed=$((failed + 1))
  echo "FAIL: $1: '$2' is not '$3'"
}

# run SECONDS-AT-MOST COMMAND...: prints the outcomes, and the exit status if it is not 0.
run() {
  most=$1
  shift
  timeout -k 1 "$most" env "LD_PRELOAD=$library" "$@" 2>&1 || echo "status $?"
}

# --- calls that fail. 2 ENOENT, 9 EBADF, 12 ENOMEM, 13 EACCES, 14 EFAULT, 22 EINVAL, 88 ENOTSOCK,
# 97 EAFNOSUPPORT, 98 EADDRINUSE, 99 EADDRNOTAVAIL, 105 ENOBUFS, 1 EPERM, 92 ENOPROTOOPT, 40 ELOOP
export CLUSTERBIND_RULES='bind 127.0.0.25 to 127.0.0.1; refuse to 127.0.1.0/24'
result 'no fault' "$(run 10 "$storm" 20 0)" '127.0.0.25 20 '
for error in 1 2 9 12 13 14 20 22 30 36 40 88 97 99 105; do
  result "bind fails with $error" "$(FAULT="bind $error" run 10 "$storm" 20 0)" 'EADDRNOTAVAIL 20 '
done
# No port is free: the program gets the kernel's own errno, and nothing leaves from the node's
# address.
for fallback in refuse direct; do
  result "bind fails with 98, else $fallback" "$(FAULT='bind 98' \
    CLUSTERBIND_RULES="bind 127.0.0.25 to 127.0.0.1 else $fallback" run 10 "$storm" 20 0)" \
    'EADDRINUSE 20 '
done
for error in 9 12 14 22 88 97 105; do
  result "getsockname fails with $error" "$(FAULT="getsockname $error" run 10 "$storm" 20 0)" \
    'EADDRNOTAVAIL 20 '
done
# bind then chooses the port, as before Linux 4.2.
for error in 1 9 12 14 22 33 88 92 105; do
  result "setsockopt fails with $error" "$(FAULT="setsockopt $error" run 10 "$storm" 20 0)" \
    '127.0.0.25 20 '
done
for error in 9 12 14 22 88 92 105; do
  result "getsockopt fails with $error" "$(FAULT="getsockopt $error" run 10 "$storm" 20 0)" \
    '127.0.0.25 20 '
done
CLUSTERBIND_RULES="ports spread; $CLUSTERBIND_RULES"
for error in 1 9 22 92; do
  result "setsockopt fails with $error, spread" \
    "$(FAULT="setsockopt $error" run 10 "$storm" 20 0)" '127.0.0.25 20 '
done
CLUSTERBIND_RULES='bind 127.0.0.25 to 127.0.0.1 else direct'
for error in 1 13 22 99; do
  result "bind fails with $error, else direct" "$(FAULT="bind $error" run 10 "$storm" 20 0)" \
    '127.0.0.1 20 '
done
unset CLUSTERBIND_RULES

# --- a rule file that is invalid when the library is loaded: only connections to loopback addresses
# are made
far=198.51.100.10
rules=$work/rules.conf
export CLUSTERBIND_CONFIG="$rules"
loaded() { result "at load: $1" "$(run 10 "$storm" 20 0 "$far")" "${2:-EADDRNOTAVAIL 20 }"; }
echo "bind $far to $far" > "$rules"
loaded 'a right file' "$far 20 "
: > "$rules"
loaded 'an empty file'
printf 'direct to any; bind 127.0.0.26 to' > "$rules"
loaded 'a cut file'
head -c 16777216 /dev/urandom > "$rules"
loaded 'noise'
rm "$rules"
loaded 'no file'
mkfifo "$rules"
loaded 'a FIFO'
rm "$rules"
mkdir "$rules"
loaded 'a folder'
rmdir "$rules"
# The user nobody, who may still make a network namespace.
echo direct > "$rules"
chmod 600 "$rules"
result 'at load: an unreadable file' \
  "$(run 10 setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+sys_admin,+net_admin \
    --ambient-caps=+sys_admin,+net_admin "$storm" 20 0 "$far")" 'EADDRNOTAVAIL 20 '

# --- a rule file that changes under `reload on`, during 10,000 connects
good='reload on; bind 127.0.0.25 to 127.0.0.1; refuse to 127.0.1.0/24'
rm -f "$rules"
echo "$good" > "$rules"

replace() {
  rm -rf "$rules.new"
  printf '%s' "$1" > "$rules.new"
  rm -rf "$rules"
  mv "$rules.new" "$rules"
  sleep 2.4
}
meddle() {
  sleep 1
  : > "$rules"
  sleep 2.4
  replace 'direct to any; bind 127.0.0.26 to'
  replace 'total nonsense'
  rm -f "$rules"
  mkfifo "$rules"
  sleep 2.4
  rm -f "$rules"
  mkdir "$rules"
  sleep 2.4
  rm -rf "$rules"
  head -c 16777216 /dev/urandom > "$rules"
  sleep 2.4
  rm -f "$rules"
  sleep 1.2
  # Wrong for a moment only, and edited in place: no version lasts for two seconds.
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    echo 'direct' > "$rules"
    sleep 0.2
    echo 'refuse' > "$rules"
    sleep 0.2
  done
  # A rule file that anybody can write is not accepted, because these processes run as root.
  echo 'direct' > "$rules.new"
  chmod 666 "$rules.new"
  mv "$rules.new" "$rules"
  sleep 3
  rm -f "$rules"
}
meddle &
meddler=$!
result 'a file that changes' "$(run 150 "$storm" 10000 27)" '127.0.0.25 10000 '
wait "$meddler"

# A correct file that comes by rename is taken over, and no connection fails meanwhile.
replace "$good"
(sleep 1 && echo "$good" | sed 's/127\.0\.0\.25/127.0.0.26/' > "$rules.new" &&
  mv "$rules.new" "$rules") &
meddler=$!
result 'a new file' "$(run 30 "$storm" 1000 6)" '127.0.0.25 [0-9]+ 127.0.0.26 [0-9]+ '
wait "$meddler"

# --- chroot and setuid, with a hostile file at the same path in the new root
replace "$good"
inside=$work/root
mkdir -p "$inside$work"
echo 'direct' > "$inside$rules"
chown -R 65534:65534 "$inside"
result 'a hostile root' "$(run 30 "$storm" 200 5 127.0.0.1 "$inside")" '127.0.0.25 200 '

# --- a process that can no longer read its rule file, whose contents have changed since
(sleep 1 && umask 077 && echo 'direct' > "$rules.new" && mv "$rules.new" "$rules") &
meddler=$!
result 'an unreadable file' "$(run 30 "$storm" 200 6 127.0.0.1 /)" '127.0.0.25 200 '
wait "$meddler"
unset CLUSTERBIND_CONFIG

# --- /dev/log
export CLUSTERBIND_RULES='bind 127.0.0.25 to 127.0.0.1; refuse to 127.0.1.0/24'
mount -t tmpfs none /dev || { echo 'cannot run: no tmpfs' && exit 77; }
mknod /dev/null c 1 3
result 'no /dev/log' "$(run 10 "$storm" 400 0)" '127.0.0.25 400 '
for kind in stream full slow read; do
  mkfifo "$work/stop"
  "$build/conformance-loghost" /dev/log "$kind" < "$work/stop" > "$work/log.$kind" &
  loghost=$!
  exec 3> "$work/stop"
  for _ in $(seq 100); do
    grep -q ready "$work/log.$kind" && break
    sleep 0.1
  done
  result "/dev/log: $kind" "$(run 10 "$storm" 400 0)" '127.0.0.25 400 '
  exec 3>&-
  wait "$loghost"
  rm -f "$work/stop"
done
count=$((count + 1))
# Some lines are lost if the reader is slower than the writer, because the writer never waits.
line='<19>clusterbind\[[0-9]+\]: conformance-storm: refused 127\.0\.1\.[0-9]+:9 \(CLUSTERBIND_RULES:1\)'
if [ "$(grep -Ecx "$line" "$work/log.read")" -lt 10 ]; then
  failed=$((failed + 1))
  echo "FAIL: the log has not what happened:"
  head -n 5 "$work/log.read"
fi

echo "fault cases: $count, failed: $failed, connections: $connections," \
  "from a wrong source: $wrong_source"
[ "$failed" -eq 0 ]
