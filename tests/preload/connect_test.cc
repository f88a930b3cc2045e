// What happens when a program connects: one row for each row of the table in libclusterbind(8).
#include "tests/catch.h"
#include "tests/preload/rows.h"
#include "tests/preload/world.h"

using world::check;
using world::Row;

namespace {

const std::string v4 = "bind 127.0.0.25 to 127.0.0.0/8";
const std::string v6 = "bind fd00::25 to fd00::/16";

}  // namespace

TEST_CASE("an unbound socket is bound to the source address") {
  const world::Sysctl fastopen("net/ipv4/tcp_fastopen", "3");
  check({
      {"IPv4", v4, "tcp4 connect 127.0.0.1 $", "connect ok", "127.0.0.25"},
      {"__connect", v4, "tcp4 __connect 127.0.0.1 $", "connect ok", "127.0.0.25"},
      {"mapped", v4, "tcp6 connect ::ffff:127.0.0.1 $ local", "connect ok; local ::ffff:127.0.0.25",
       "127.0.0.25"},
      {"mapped rule", "bind 127.0.0.25 to ::ffff:127.0.0.0/104", "tcp4 connect 127.0.0.1 $",
       "connect ok", "127.0.0.25"},
      {"IPv6", v6, "tcp6 connect fd00::10 $", "connect ok", "fd00::25"},
      {"MPTCP", v4, "mptcp4 connect 127.0.0.1 $", "connect ok", "127.0.0.25"},
      {"sendto", v4, "tcp4 sendto 127.0.0.1 $", "sendto ok", "127.0.0.25"},
      {"sendmsg", v4, "tcp4 sendmsg 127.0.0.1 $", "sendmsg ok", "127.0.0.25"},
      {"sendmmsg", v4, "tcp4 sendmmsg 127.0.0.1 $", "sendmmsg ok", "127.0.0.25"},
      {"sendto, IPv6", v6, "tcp6 sendto fd00::10 $", "sendto ok", "fd00::25"},
      {"not blocking", v4, "tcp4 nonblock connect 127.0.0.1 $ wait connect 127.0.0.1 $ local",
       "connect EINPROGRESS; wait 0; connect ok; local 127.0.0.25", "127.0.0.25"},
      {"both traces", v4, "tcp4 connect 127.0.0.1 $ noport?", "connect ok; noport 1", "127.0.0.25"},
      {"ports spread", v4 + "; ports spread", "tcp4 connect 127.0.0.1 $ range?",
       "connect ok; range 0xffff0001", "127.0.0.25"},
      {"udp", v4 + " proto udp", "udp4 connect 127.0.0.1 $ local", "connect ok; local 127.0.0.25",
       ""},
      {"udp6, IPv4 address", v4 + " proto udp", "udp6 connect 127.0.0.1 $ local",
       "connect ok; local ::ffff:127.0.0.25", ""},
  });
}

TEST_CASE("what no bind rule matches is left alone") {
  check({
      {"no rule", "bind 127.0.0.25 to 10.0.0.0/8", "tcp4 connect 127.0.0.1 $ noport?",
       "connect ok; noport 0", "127.0.0.1"},
      {"another port", v4 + " port 1", "tcp4 connect 127.0.0.1 $", "connect ok", "127.0.0.1"},
      {"direct first", "direct to 127.0.0.0/8; " + v4, "tcp4 connect 127.0.0.1 $", "connect ok",
       "127.0.0.1"},
      {"any does not match loopback", "bind 127.0.0.25", "tcp4 connect 127.0.0.1 $", "connect ok",
       "127.0.0.1"},
      {"any does not match IPv6 loopback", "bind fd00::25", "tcp6 connect ::1 $", "connect ok",
       "::1"},
      {"0.0.0.0/0 does not", "bind 127.0.0.25 to 0.0.0.0/0", "tcp4 connect 127.0.0.1 $",
       "connect ok", "127.0.0.25"},
      {"the wildcard address", "bind 127.0.0.25 to 0.0.0.0/0", "tcp4 connect 0.0.0.0 $",
       "connect ok", "127.0.0.1"},
      {"another protocol", v4, "udp4 connect 127.0.0.1 $ local", "connect ok; local 127.0.0.1", ""},
      {"a raw socket is not tcp", v4, "raw4 connect 127.0.0.1 0 local",
       "connect ok; local 127.0.0.1", ""},
      {"another program", v4 + " program other", "tcp4 connect 127.0.0.1 $", "connect ok",
       "127.0.0.1"},
      {"this program", v4 + " program other, preload_subject", "tcp4 connect 127.0.0.1 $",
       "connect ok", "127.0.0.25"},
      {"only others", "only other; wrong", "tcp4 connect 127.0.0.1 $", "connect ok", "127.0.0.1"},
  });
}

TEST_CASE("a socket that the program has bound") {
  check({
      {"its own address", v4, "tcp4 bind 127.0.0.77 0 connect 127.0.0.1 $", "bind ok; connect ok",
       "127.0.0.77"},
      {"with NO_PORT", v4, "tcp4 noport bind 127.0.0.77 0 connect 127.0.0.1 $",
       "bind ok; connect ok", "127.0.0.77"},
      {"raw, with NO_PORT", v4 + " proto any",
       "raw4 noport bind 127.0.0.77 0 connect 127.0.0.1 0 local",
       "bind ok; connect ok; local 127.0.0.77", ""},
      {"IPv6", v6, "tcp6 bind fd00::77 0 connect fd00::10 $", "bind ok; connect ok", "fd00::77"},
      {"override", v4 + " override", "tcp4 bind 127.0.0.77 0 connect 127.0.0.1 $",
       "bind ok; connect ok", "127.0.0.25"},
      {"override, NO_PORT", v4 + " override", "tcp4 noport bind 127.0.0.77 0 connect 127.0.0.1 $",
       "bind ok; connect ok", "127.0.0.25"},
      {"override, IPv6", v6 + " override", "tcp6 bind fd00::77 0 connect fd00::10 $",
       "bind ok; connect ok", "fd00::25"},
      {"override, undone", "bind 127.0.0.25 to 127.0.0.9 override",
       "tcp4 noport bind 127.0.0.77 0 connect 127.0.0.9 1 local connect 127.0.0.1 $",
       "bind ok; connect ECONNREFUSED; local 127.0.0.77 unbound; connect ok", "127.0.0.77"},
      {"override, fixed port", v4 + " override", "tcp4 bind 127.0.0.77 2525 connect 127.0.0.1 $",
       "bind ok; connect EADDRNOTAVAIL", ""},
      {"wildcard", v4, "tcp4 bind 0.0.0.0 0 connect 127.0.0.1 $", "bind ok; connect ok",
       "127.0.0.25"},
      {"wildcard, mapped", v4, "tcp6 bind :: 0 connect ::ffff:127.0.0.1 $", "bind ok; connect ok",
       "127.0.0.25"},
      {"wildcard, IPv6", v6, "tcp6 bind :: 0 connect fd00::10 $", "bind ok; connect ok",
       "fd00::25"},
      {"wildcard, fixed port", v4, "tcp4 bind 0.0.0.0 2525 connect 127.0.0.1 $",
       "bind ok; connect EADDRNOTAVAIL", ""},
      {"wildcard, fixed port, else direct", v4 + " else direct",
       "tcp4 bind 0.0.0.0 2525 connect 127.0.0.1 $", "bind ok; connect ok", "127.0.0.1"},
      {"wildcard, fixed port in the ephemeral range", v4,
       "tcp4 bind 0.0.0.0 45454 connect 127.0.0.1 $", "bind ok; connect EADDRNOTAVAIL", ""},
      {"wildcard, SO_REUSEPORT", v4, "tcp4 reuseport bind 0.0.0.0 0 connect 127.0.0.1 $",
       "bind ok; connect EADDRNOTAVAIL", ""},
      {"a source address of ours", "bind 127.0.0.26 to 127.0.0.9/32; " + v4,
       "tcp4 noport bind 127.0.0.26 0 connect 127.0.0.1 $", "bind ok; connect ok", "127.0.0.25"},
      {"a source address of ours, fixed port", "bind 127.0.0.26 to 127.0.0.9/32; " + v4,
       "tcp4 bind 127.0.0.26 2525 connect 127.0.0.1 $", "bind ok; connect ok", "127.0.0.26"},
  });
}

TEST_CASE("the current ephemeral port range counts") {
  const world::Sysctl range("net/ipv4/ip_local_port_range", "10000 12000");
  const world::Folder empty;
  check({
      {"wildcard", v4, "tcp4 bind 0.0.0.0 0 connect 127.0.0.1 $", "bind ok; connect ok",
       "127.0.0.25"},
      {"in a chroot without /proc", v4,
       "chroot " + empty.path("") + " tcp4 bind 0.0.0.0 0 connect 127.0.0.1 $",
       "bind ok; connect ok", "127.0.0.25"},
      {"fixed port, in a chroot without /proc", v4,
       "chroot " + empty.path("") + " tcp4 bind 0.0.0.0 45454 connect 127.0.0.1 $",
       "bind ok; connect EADDRNOTAVAIL", ""},
  });
}

TEST_CASE("the kernel gives its own answer") {
  check({
      {"connected", v4, "tcp4 connect 127.0.0.1 $ connect 127.0.0.1 $",
       "connect ok; connect EISCONN", "127.0.0.25"},
      {"connected by itself", "bind 127.0.0.25 to 127.0.0.9",
       "tcp4 connect 127.0.0.1 $ connect 127.0.0.9 $", "connect ok; connect EISCONN", "127.0.0.1"},
      {"connected, and the source is not here",
       "bind 127.0.0.25 to 127.0.0.1; bind 192.0.2.1 to 127.0.0.9",
       "tcp4 connect 127.0.0.1 $ connect 127.0.0.9 $", "connect ok; connect EISCONN", "127.0.0.25"},
      {"connected over IPv4, then IPv6", v6, "tcp6 connect ::ffff:127.0.0.1 $ connect fd00::10 $",
       "connect ok; connect EISCONN", "127.0.0.1"},
      {"listening", v4, "tcp4 bind 0.0.0.0 0 listen connect 127.0.0.1 $",
       "bind ok; listen ok; connect EISCONN", ""},
      {"closed", v4, "closed connect 127.0.0.1 $", "connect EBADF", ""},
      {"no socket", v4, "file connect 127.0.0.1 $", "connect ENOTSOCK", ""},
      {"a Unix socket", v4, "unix connect 127.0.0.1 $", "connect EINVAL", ""},
      {"IPv6 address, IPv4 socket", v6, "tcp4 connect fd00::10 $", "connect EAFNOSUPPORT", ""},
      {"IPv4 address, IPv6 socket", v4, "tcp6 connect 127.0.0.1 $", "connect EINVAL", ""},
      {"mapped, V6ONLY", v4, "tcp6 v6only connect ::ffff:127.0.0.1 $", "connect ENETUNREACH", ""},
      {"short", v4, "tcp4 length 15 127.0.0.1 $", "length EINVAL", ""},
      {"long", v4, "tcp4 length 129 127.0.0.1 $", "length EINVAL", ""},
      {"negative", v4, "tcp4 length 4294967295 127.0.0.1 $", "length EINVAL", ""},
      {"128", v4, "tcp4 length 128 127.0.0.1 $", "length ok", "127.0.0.25"},
      {"IPv6 of 23", v6, "tcp6 length 23 fd00::10 $", "length EINVAL", ""},
      {"IPv6 of 24", v6, "tcp6 length 24 fd00::10 $", "length ok", "fd00::25"},
      {"NULL", v4, "tcp4 null", "null EFAULT", ""},
      {"the kernel's half", v4, "tcp4 badpointer", "badpointer EFAULT", ""},
      {"NULL header", v4, "tcp4 nullmsg", "nullmsg EFAULT", ""},
      {"NULL headers", v4, "tcp4 nullmmsg", "nullmmsg EFAULT", ""},
      {"long, and not mapped", v4, "tcp4 unmapped 129 unmapped 4294967295",
       "unmapped EINVAL; unmapped EINVAL", ""},
      {"AF_UNSPEC", v4, "tcp4 unspec connect 127.0.0.1 $", "unspec ok; connect ok", "127.0.0.25"},
      {"UDP is not connected by a message", v4 + " proto any", "udp4 sendto 127.0.0.1 $ local",
       "sendto ok; local 0.0.0.0", ""},
  });
}

TEST_CASE("a source address that the node does not hold") {
  const std::string gone = "bind 192.0.2.25 2001:db8::25 to 127.0.0.0/8, fd00::/16";
  const std::vector<Row> rows = {
      {"refuse", gone, "tcp4 connect 127.0.0.1 $ local",
       "connect EADDRNOTAVAIL; local 0.0.0.0 unbound", ""},
      {"refuse, mapped", gone, "tcp6 connect ::ffff:127.0.0.1 $", "connect EADDRNOTAVAIL", ""},
      {"refuse, IPv6", gone, "tcp6 connect fd00::10 $", "connect EADDRNOTAVAIL", ""},
      {"refuse, sendto", gone, "tcp4 sendto 127.0.0.1 $", "sendto EADDRNOTAVAIL", ""},
      {"refuse, wildcard-bound", gone, "tcp4 bind 0.0.0.0 0 connect 127.0.0.1 $ local",
       "bind ok; connect EADDRNOTAVAIL; local 0.0.0.0", ""},
      {"direct", gone + " else direct", "tcp4 connect 127.0.0.1 $", "connect ok", "127.0.0.1"},
      {"direct, IPv6", gone + " else direct", "tcp6 connect fd00::10 $", "connect ok", "fd00::10"},
      {"direct, wildcard-bound", gone + " else direct", "tcp4 bind 0.0.0.0 0 connect 127.0.0.1 $",
       "bind ok; connect ok", "127.0.0.1"},
      {"direct, override", gone + " override else direct",
       "tcp4 bind 127.0.0.77 0 connect 127.0.0.1 $ local", "bind ok; connect ok; local 127.0.0.77",
       "127.0.0.77"},
  };
  check(rows);
  // The kernel lets bind accept any address; the results must stay the same.
  const world::Sysctl nonlocal4("net/ipv4/ip_nonlocal_bind", "1");
  const world::Sysctl nonlocal6("net/ipv6/ip_nonlocal_bind", "1");
  check(rows);
  check({{"here all the same", v4, "tcp4 connect 127.0.0.1 $", "connect ok", "127.0.0.25"},
         {"IPv6 too", v6, "tcp6 connect fd00::10 $", "connect ok", "fd00::25"}});
}

TEST_CASE("refuse") {
  check({
      {"refuse", "refuse to 127.0.0.0/8", "tcp4 connect 127.0.0.1 $", "connect ECONNREFUSED", ""},
      {"whatever the state", "refuse to 127.0.0.9", "tcp4 connect 127.0.0.1 $ connect 127.0.0.9 $",
       "connect ok; connect ECONNREFUSED", "127.0.0.1"},
      {"no socket", "refuse to 127.0.0.0/8", "file connect 127.0.0.1 $", "connect ENOTSOCK", ""},
      {"another protocol", "refuse to 127.0.0.0/8", "udp4 connect 127.0.0.1 $", "connect ok", ""},
      {"any protocol", "refuse to 127.0.0.0/8 proto any", "udp4 connect 127.0.0.1 $",
       "connect ECONNREFUSED", ""},
  });
}

TEST_CASE("a matching call that fails at once is undone") {
  const std::string one = "bind 127.0.0.25 to 127.0.0.9";
  check({
      {"the next destination decides anew", one, "tcp4 connect 127.0.0.9 1 connect 127.0.0.1 $",
       "connect ECONNREFUSED; connect ok", "127.0.0.1"},
      {"an address that another failure left behind", one,
       "tcp4 connect 127.0.0.9 1 connect 127.0.0.1 1 connect 127.0.0.9 $",
       "connect ECONNREFUSED; connect ECONNREFUSED; connect ok", "127.0.0.25"},
      {"unbound again", one, "tcp4 connect 127.0.0.9 1 local",
       "connect ECONNREFUSED; local 0.0.0.0 unbound", ""},
      {"mapped", one, "tcp6 connect ::ffff:127.0.0.9 1 connect ::ffff:127.0.0.1 $",
       "connect ECONNREFUSED; connect ok", "127.0.0.1"},
      {"the same destination again", v4, "tcp4 connect 127.0.0.1 1 connect 127.0.0.1 $",
       "connect ECONNREFUSED; connect ok", "127.0.0.25"},
      {"another source", "bind 127.0.0.26 to 127.0.0.9; " + v4,
       "tcp4 connect 127.0.0.9 1 connect 127.0.0.1 $", "connect ECONNREFUSED; connect ok",
       "127.0.0.25"},
      {"one that failed late", "bind 127.0.0.26 to 127.0.0.9; " + v4,
       "tcp4 nonblock connect 127.0.0.9 1 wait connect 127.0.0.1 $ connect 127.0.0.1 $ wait",
       "connect EINPROGRESS; wait ECONNREFUSED; connect ECONNABORTED; connect EINPROGRESS; wait 0",
       "127.0.0.25"},
      {"a second try by the kernel's own answer", v4,
       "tcp4 nonblock connect 127.0.0.1 1 wait connect 127.0.0.1 $",
       "connect EINPROGRESS; wait ECONNREFUSED; connect ECONNABORTED", ""},
      {"a name that an earlier connect left", one, "tcp4 connect 127.0.0.1 1 connect 127.0.0.9 $",
       "connect ECONNREFUSED; connect ok", "127.0.0.25"},
      {"that name, undone, and once more", one,
       "mptcp4 connect 127.0.0.1 1 connect 127.0.0.9 1 connect 127.0.0.9 $",
       "connect ECONNREFUSED; connect ECONNREFUSED; connect ok", "127.0.0.25"},
      {"such a name of an MPTCP socket", one, "mptcp4 connect 127.0.0.1 1 connect 127.0.0.9 $",
       "connect ECONNREFUSED; connect ok", "127.0.0.25"},
      {"IPV6_V6ONLY is off again", v6, "tcp6 connect fd00::10 1 connect ::ffff:127.0.0.1 $",
       "connect ECONNREFUSED; connect ok", "127.0.0.1"},
      {"the program's own wildcard address", one,
       "tcp4 bind 0.0.0.0 0 connect 127.0.0.9 1 local noport? connect 127.0.0.1 $",
       "bind ok; connect ECONNREFUSED; local 0.0.0.0; noport 0; connect ok", "127.0.0.1"},
      {"the program's own address", one + " override",
       "tcp4 bind 127.0.0.77 0 connect 127.0.0.9 1 connect 127.0.0.1 $",
       "bind ok; connect ECONNREFUSED; connect ok", "127.0.0.77"},
  });
  const world::Sysctl fastopen("net/ipv4/tcp_fastopen", "0");
  check({{"MSG_FASTOPEN is off", one, "tcp4 sendto 127.0.0.9 $ connect 127.0.0.1 $",
          "sendto EOPNOTSUPP; connect ok", "127.0.0.1"}});
}

TEST_CASE("a socket that AF_UNSPEC takes from its peer is unbound, if it was bound for that peer") {
  const std::string one = "bind 127.0.0.25 to 127.0.0.9";
  const std::string udp = one + " proto udp";
  check({
      {"TCP", one, "tcp4 connect 127.0.0.9 $ unspec local connect 127.0.0.1 $",
       "connect ok; unspec ok; local 0.0.0.0 unbound; connect ok", "127.0.0.25 127.0.0.1"},
      {"to a rule that is direct", "direct to 127.0.0.1; " + v4,
       "tcp4 connect 127.0.0.9 $ unspec connect 127.0.0.1 $", "connect ok; unspec ok; connect ok",
       "127.0.0.25 127.0.0.1"},
      {"to another source", one + "; bind 127.0.0.26 to 127.0.0.1",
       "tcp4 connect 127.0.0.9 $ unspec connect 127.0.0.1 $", "connect ok; unspec ok; connect ok",
       "127.0.0.25 127.0.0.26"},
      {"MPTCP", one, "mptcp4 connect 127.0.0.9 $ unspec connect 127.0.0.1 $",
       "connect ok; unspec ok; connect ok", "127.0.0.25 127.0.0.1"},
      {"mapped", one, "tcp6 connect ::ffff:127.0.0.9 $ unspec connect ::ffff:127.0.0.1 $",
       "connect ok; unspec ok; connect ok", "127.0.0.25 127.0.0.1"},
      {"IPv6, and V6ONLY is off", "bind fd00::25 to fd00::10",
       "tcp6 connect fd00::10 $ unspec v6only? connect ::ffff:127.0.0.1 $",
       "connect ok; unspec ok; v6only 0; connect ok", "127.0.0.1 fd00::25"},
      {"UDP", udp, "udp4 connect 127.0.0.9 $ local unspec local connect 127.0.0.1 $ local",
       "connect ok; local 127.0.0.25; unspec ok; local 0.0.0.0 unbound; connect ok; "
       "local 127.0.0.1",
       ""},
      {"ports spread", one + "; ports spread", "tcp4 connect 127.0.0.9 $ unspec range?",
       "connect ok; unspec ok; range 0", "127.0.0.25"},
      // The program itself has chosen that address: no rule has bound the socket for this peer.
      {"the program's choice", one,
       "tcp4 noport bind 127.0.0.25 0 connect 127.0.0.1 $ unspec connect 127.0.0.1 $",
       "bind ok; connect ok; unspec ok; connect ok", "127.0.0.25 127.0.0.25"},
      {"the program's choice, with a port", one,
       "tcp4 bind 127.0.0.25 0 note connect 127.0.0.9 $ unspec local port?",
       "bind ok; connect ok; unspec ok; local 127.0.0.25; port same", "127.0.0.25"},
      {"none of our sources", one, "tcp4 noport bind 127.0.0.77 0 connect 127.0.0.9 $ unspec local",
       "bind ok; connect ok; unspec ok; local 127.0.0.77", "127.0.0.77"},
      {"not connected", one, "tcp4 unspec connect 127.0.0.9 $", "unspec ok; connect ok",
       "127.0.0.25"},
  });
}

TEST_CASE("other properties of the socket stay as the program has set them") {
  const std::string one = "bind 127.0.0.25 to 127.0.0.9";
  check({
      {"IPV6_V6ONLY", v6, "tcp6 connect fd00::10 $ v6only?", "connect ok; v6only 0", "fd00::25"},
      {"IPV6_V6ONLY that was on", v6, "tcp6 v6only connect fd00::10 $ v6only?",
       "connect ok; v6only 1", "fd00::25"},
      {"a port range of its own", v4 + "; ports spread",
       "tcp4 range 40000 40100 connect 127.0.0.1 $ range?", "connect ok; range 0x9ca49c40",
       "127.0.0.25"},
      {"no port range, after a failure", one + "; ports spread",
       "tcp4 connect 127.0.0.9 1 range? connect 127.0.0.1 $",
       "connect ECONNREFUSED; range 0; connect ok", "127.0.0.1"},
      {"the same range, set by itself, after a failure", one + "; ports spread",
       "tcp4 range 1 65535 connect 127.0.0.9 1 range?", "connect ECONNREFUSED; range 0xffff0001",
       ""},
      {"its own range, after a failure", one + "; ports spread",
       "tcp4 range 40000 40100 connect 127.0.0.9 1 range?",
       "connect ECONNREFUSED; range 0x9ca49c40", ""},
  });
}

TEST_CASE("a program that sets IP_FREEBIND, and a source address that the node does not hold") {
  const std::string gone = "bind 192.0.2.25 2001:db8::25 to 127.0.0.0/8, fd00::/16";
  check({
      {"refuse", gone, "tcp4 freebind connect 127.0.0.1 $ local",
       "connect EADDRNOTAVAIL; local 0.0.0.0 unbound", ""},
      {"direct", gone + " else direct", "tcp4 freebind connect 127.0.0.1 $", "connect ok",
       "127.0.0.1"},
      {"not blocking", gone, "tcp4 freebind nonblock connect 127.0.0.1 $", "connect EADDRNOTAVAIL",
       ""},
      {"sendto", gone, "tcp4 freebind sendto 127.0.0.1 $", "sendto EADDRNOTAVAIL", ""},
      {"refuse, IPv6", gone, "tcp6 freebind connect fd00::10 $ local",
       "connect EADDRNOTAVAIL; local :: unbound", ""},
      {"direct, IPv6", gone + " else direct", "tcp6 freebind connect fd00::10 $", "connect ok",
       "fd00::10"},
      {"here", v4, "tcp4 freebind connect 127.0.0.1 $", "connect ok", "127.0.0.25"},
      {"here, IPv6", v6, "tcp6 freebind connect fd00::10 $", "connect ok", "fd00::25"},
      {"datagrams", gone + " proto udp", "udp4 freebind connect 127.0.0.1 $",
       "connect EADDRNOTAVAIL", ""},
  });
}

TEST_CASE("a source address whose ports are used up does not count as absent") {
  world::Listener listener;
  const std::string connects =
      "tcp4 connect 127.0.0.1 $ tcp4 connect 127.0.0.1 $ tcp4 connect 127.0.0.1 $";
  const std::string line = ": the ports of 127.0.0.25 are used up (CLUSTERBIND_RULES:1)";
  const world::Sysctl range("net/ipv4/ip_local_port_range", "50000 50001");
  const world::Output output = world::subject(v4 + " else direct", connects, listener);
  CHECK(output.out == "connect ok; connect ok; connect EADDRNOTAVAIL");
  CHECK(listener.peers() == "127.0.0.25 127.0.0.25");
  CHECK_THAT(output.error,
             Catch::Matchers::ContainsSubstring("failed 127.0.0.1:" + listener.port() + line));
}

TEST_CASE(
    "without a port to ask with whether the node holds an address it does not count as absent") {
  world::Listener first, second;  // before the range: their ports are not in it
  const world::Sysctl range("net/ipv4/ip_local_port_range", "50000 50001");
  const std::string all_datagram_ports = "udp4 bind 0.0.0.0 50000 udp4 bind 0.0.0.0 50001 ";
  const std::string connect = "tcp4 connect 127.0.0.1 $ ";
  world::Output output =
      world::subject(v4 + " else direct", all_datagram_ports + connect + connect + connect, first);
  CHECK(output.out == "bind ok; bind ok; connect ok; connect ok; connect EADDRNOTAVAIL");
  CHECK(first.peers() == "127.0.0.25 127.0.0.25");
  const world::Sysctl nonlocal("net/ipv4/ip_nonlocal_bind", "1");
  output = world::subject(v4 + "; log info", all_datagram_ports + connect, second);
  CHECK(output.out == "bind ok; bind ok; connect ok");
  CHECK(second.peers() == "127.0.0.25");
}

TEST_CASE("a program, or a library of its own, may define the names of socket calls") {
  world::Listener listener;
  const world::Output output =
      world::run({SUBJECT, "tcp4", "connect", "127.0.0.1", listener.port()},
                 {{"LD_PRELOAD", std::string(LIBRARY) + ":" + NAMES},
                  {"CLUSTERBIND_RULES", v4 + " program preload_subject"}});
  CHECK(output.out == "connect ok");
  CHECK(listener.peers() == "127.0.0.25");
}

TEST_CASE("a connection from a library's constructor is bound too") {
  world::Listener listener;
  const world::Output output =
      world::run({SUBJECT, "tcp4"}, {{"LD_PRELOAD", std::string(LIBRARY) + ":" + EARLY},
                                     {"EARLY_PORT", listener.port()},
                                     {"CLUSTERBIND_RULES", v4}});
  CHECK(output.status == 0);
  CHECK(listener.peers() == "127.0.0.25");
  // The same without any rules.
  const world::Output inactive = world::run(
      {SUBJECT, "tcp4"},
      {{"LD_PRELOAD", std::string(LIBRARY) + ":" + EARLY}, {"EARLY_PORT", listener.port()}});
  CHECK(inactive.status == 0);
  CHECK(listener.peers() == "127.0.0.1");
}

TEST_CASE("a connection before any constructor has the rules, and so have the later ones") {
  check({{"an absent source, and one that is here", "bind 192.0.2.25 to 127.0.0.9; " + v4,
          "preinit tcp4 connect 127.0.0.1 $", "preinit EADDRNOTAVAIL; connect ok", "127.0.0.25"},
         {"no rule for it", "bind 127.0.0.25 to 127.0.0.1", "preinit tcp4 connect 127.0.0.1 $",
          "preinit ECONNREFUSED; connect ok", "127.0.0.25"}});
}
