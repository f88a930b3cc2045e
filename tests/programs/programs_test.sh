#!/bin/sh
# Unmodified programs connect to a listener on loopback, first plain and then under the wrapper; the
# listener reports the source address. Usage: programs_test.sh BUILD-FOLDER
set -u
build=$1
source=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$source/../support/table.sh"
# shellcheck source-path=SCRIPTDIR source=../support/listener.sh
. "$source/../support/listener.sh"
for program in python3 curl node perl bash java; do
  command -v "$program" > /dev/null || cannot "there is no $program"
done
trap 'stop_listener; rm -rf "$work"' EXIT
listeners=$build
copy_build
start_listener "$listeners" "$work/listener" || exit 1

# sees ADDRESS NAME COMMAND...
sees() {
  want=$1 name=$2
  shift 2
  rows=$((rows + 1))
  seen=$(seen_by_listener "$@")
  printf '%-34s %s\n' "$name" "$seen"
  if [ "$seen" != "$want" ]; then
    cp "$work/listener.command" "$work/output"
    wrong "$name: the listener saw $seen, not $want"
  fi
}

# both NAME COMMAND...: plain, from the node's address; under the rule, from the cluster address.
both() {
  name=$1
  shift
  sees 127.0.0.1 "$name" "$@"
  sees 127.0.0.25 "$name, under the rule" \
    "$build/clusterbind-run" -r 'bind 127.0.0.25 to 127.0.0.0/8' "$@"
}

# python NAME STATEMENT: the statement can use `s', an IPv4 TCP socket, `s6', an IPv6 one, and `to',
# the listener's address.
python() {
  both "python3 $1" python3 -c "
import ctypes, socket, sys
s, s6 = socket.socket(), socket.socket(socket.AF_INET6)
to = ('127.0.0.1', int(sys.argv[1]))
$2" "$port"
}

python connect 's.connect(to); s.recv(1)'
python 'connect, IPv4-mapped' 's6.connect(("::ffff:127.0.0.1", to[1])); s6.recv(1)'
python 'connect, not blocking' '
import select
s.setblocking(False)
s.connect_ex(to)
select.select([], [s], [], 5)'
python 'sendto, MSG_FASTOPEN' 's.sendto(b"NOOP\r\n", socket.MSG_FASTOPEN, to); s.recv(1)'
python 'sendmsg, MSG_FASTOPEN' \
  's.sendmsg([b"NOOP\r\n"], [], socket.MSG_FASTOPEN, to); s.recv(1)'
python 'sendmmsg, MSG_FASTOPEN' '
class Vector(ctypes.Structure):
  _fields_ = [("base", ctypes.c_char_p), ("length", ctypes.c_size_t)]
class Message(ctypes.Structure):
  _fields_ = [("name", ctypes.c_char_p), ("namelen", ctypes.c_uint), ("iov", ctypes.c_void_p),
    ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
    ("flags", ctypes.c_int), ("sent", ctypes.c_uint)]
name = (socket.AF_INET.to_bytes(2, sys.byteorder) + to[1].to_bytes(2, "big")
  + socket.inet_aton(to[0]) + bytes(8))
vector = Vector(b"NOOP\r\n", 6)
message = Message(name, len(name), ctypes.addressof(vector), 1)
ctypes.CDLL(None).sendmmsg(s.fileno(), ctypes.byref(message), 1, socket.MSG_FASTOPEN)
s.recv(1)'
printf 'Subject: test\r\n\r\nHello.\r\n' > "$work/message"
both curl curl -s -m 5 --mail-from a@example.org --mail-rcpt b@example.org -T "$work/message" \
  "smtp://127.0.0.1:$port"
both 'curl --tcp-fastopen' curl -s -m 5 --tcp-fastopen "http://127.0.0.1:$port/"
both node node -e 'const s = require("net").connect(+process.argv[1], "127.0.0.1");
  s.setTimeout(5000); s.on("data", () => s.destroy()); s.on("timeout", () => s.destroy())' "$port"
both perl perl -MIO::Socket::INET -e \
  'my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => shift) or die $!; <$s>' \
  "$port"
both 'bash /dev/tcp' bash -c 'read -r -t 5 line < "/dev/tcp/127.0.0.1/$0"' "$port"
both 'java, IPv4-mapped' java "$source/Connect.java" 127.0.0.1 "$port"

# An address that none of our hosts has (RFC 5737): no connection may leave, from any address.
absent='bind 192.0.2.25 to 127.0.0.0/8'
connect="import socket; socket.create_connection(('127.0.0.1', $port), 5).recv(1)"
sees nothing 'source address absent' "$build/clusterbind-run" -r "$absent" python3 -c "$connect"
row 0 'Cannot assign requested address|EADDRNOTAVAIL' cat "$work/listener.command"
sees 127.0.0.1 'source address absent, else direct' \
  "$build/clusterbind-run" -r "$absent else direct" python3 -c "$connect"
sees nothing refuse "$build/clusterbind-run" -r 'refuse to 127.0.0.0/8' python3 -c "$connect"
row 0 'Connection refused' cat "$work/listener.command"

finish
