#!/bin/sh
# Secure execution, and the library in the system's own folder. Overlays over /etc and that folder,
# in namespaces of the test, leave the host unchanged. Usage: secure_test.sh BUILD-FOLDER
set -u
build=$1
source=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$source/../support/table.sh"
# shellcheck source-path=SCRIPTDIR source=../support/listener.sh
. "$source/../support/listener.sh"

if [ "${2:-}" != inside ]; then
  [ "$(id -u)" -eq 0 ] || cannot 'it needs root'
  command -v unshare > /dev/null || cannot 'there is no unshare'
  has_namespaces -m -n
  unshare -m -n sh "$source/secure_test.sh" "$build" inside
  exit
fi
ip link set lo up || cannot 'there is no loopback'

folder=$(dirname "$(readlink -f "$(ldd /bin/true | sed -n 's/.*libc.so.6 => \(.*\) (.*/\1/p')")")
mkdir "$work/over"
mount -t tmpfs -o mode=755 none "$work/over" || cannot 'mount fails'
trap 'stop_listener; umount -l /etc "$folder" "$work/over"; rm -rf "$work"' EXIT
cover() {
  mkdir -p "$work/over/$2/upper" "$work/over/$2/work" &&
    mount -t overlay none \
      -o "lowerdir=$1,upperdir=$work/over/$2/upper,workdir=$work/over/$2/work" "$1"
}
{ cover /etc etc && cover "$folder" lib; } || cannot 'this kernel has no overlay'
rm -f /etc/clusterbind.conf /etc/ld.so.preload

# The wrapper and the tool are used as installed: with the library in the system's folder.
cp "$build/libclusterbind.so" "$folder" && chmod 0644 "$folder/libclusterbind.so"
mkdir "$work/over/bin" && cd "$work/over/bin" || exit 1
cp "$build/clusterbind" "$build/clusterbind-run" .
ln -s "$folder/libclusterbind.so" .
start_listener "$build" "$work/listener" || exit 1

# A program that runs in secure execution even when root starts it: an unmodified one with a group
# of its own (setgid).
cp "$(readlink -f "$(command -v perl)")" setgid-perl
chgrp mail setgid-perl && chmod 2755 setgid-perl
connect='use Socket; socket(my $s, AF_INET, SOCK_STREAM, 0) or die;
  connect($s, sockaddr_in(shift, inet_aton("127.0.0.1"))) or die "$!\n"; <$s>'

# sees ADDRESS COMMAND...
sees() {
  want=$1
  shift
  rows=$((rows + 1))
  seen=$(seen_by_listener "$@")
  cp "$work/listener.command" "$work/output"
  [ "$seen" = "$want" ] || wrong "$*: the listener saw $seen, not $want"
}

rules='bind 127.0.0.25 to 127.0.0.0/8'
row 0 '^LD_PRELOAD=libclusterbind.so$' ./clusterbind-run -r direct env
sees 127.0.0.25 ./clusterbind-run -r "$rules" perl -e "$connect" "$port"
row 126 'setgid|secure execution' ./clusterbind-run -r direct ./setgid-perl -e 1
sees 127.0.0.1 ./clusterbind-run --force -r "$rules" ./setgid-perl -e "$connect" "$port"

chmod 4755 "$folder/libclusterbind.so"
row 126 'takes rules from /etc/clusterbind.conf alone' \
  ./clusterbind-run -r direct ./setgid-perl -e 1
row 126 'takes rules from /etc/clusterbind.conf alone' \
  env CLUSTERBIND_RULES=direct ./clusterbind-run ./setgid-perl -e 1
# Below the build folder, other users may be kept out, which would be said first.
mkdir "$folder/elsewhere"
cp "$build/clusterbind" "$build/clusterbind-run" "$build/libclusterbind.so" "$folder/elsewhere"
row 126 "does not take $folder/elsewhere/libclusterbind.so" \
  "$folder/elsewhere/clusterbind-run" -r direct ./setgid-perl -e 1
row 78 'no rules' ./clusterbind-run ./setgid-perl -e 1
echo "$rules" > /etc/clusterbind.conf
sees 127.0.0.25 ./clusterbind-run ./setgid-perl -e "$connect" "$port"
# In secure execution the environment is ignored.
sees 127.0.0.25 env CLUSTERBIND_RULES=direct LD_PRELOAD=libclusterbind.so \
  ./setgid-perl -e "$connect" "$port"
# The same for a setuid-root program that another user starts.
cp setgid-perl setuid-perl
chown root:root setuid-perl && chmod 4755 setuid-perl
chmod 0711 .
sees 127.0.0.25 setpriv --reuid nobody --clear-groups \
  env CLUSTERBIND_RULES=direct CLUSTERBIND_CONFIG=/dev/null LD_PRELOAD=libclusterbind.so \
  ./setuid-perl -e "$(echo "$connect" | sed "s/shift/$port/")" # perl takes no argument there
# As root, the library does not trust rules that others can write: everything outside loopback is
# refused.
chmod 0666 /etc/clusterbind.conf
row 78 'writable by group or others' ./clusterbind-run ./setgid-perl -e 1
sees 127.0.0.1 env LD_PRELOAD=libclusterbind.so ./setgid-perl -e "$connect" "$port"
row 99 '' env LD_PRELOAD=libclusterbind.so ./setgid-perl -e "$(printf '%s' "$connect" |
  sed 's/127.0.0.1/192.0.2.1/; s/or die "$!.n"/or exit $! == 99 ? 99 : 1/')" "$port"

# /etc/ld.so.preload loads the library into every program, and `only' restricts it to some.
chmod 0644 /etc/clusterbind.conf "$folder/libclusterbind.so"
printf 'only setgid-perl\n%s\n' "$rules" > /etc/clusterbind.conf
echo "$folder/libclusterbind.so" > /etc/ld.so.preload
sees 127.0.0.25 ./setgid-perl -e "$connect" "$port"
sees 127.0.0.1 perl -e "$connect" "$port"
rm /etc/ld.so.preload

finish
