// What happens when a program connects a datagram socket: the rows of datagram sockets in the table
// of libclusterbind(8).
#include "tests/catch.h"
#include "tests/preload/rows.h"

using world::check;

namespace {

const std::string v4 = "bind 127.0.0.25 to 127.0.0.0/8";
const std::string v6 = "bind fd00::25 to fd00::/16";

}  // namespace

TEST_CASE("a datagram socket that has a port or a peer") {
  const std::string all = v4 + " proto udp";
  const std::string one = "bind 127.0.0.25 to 127.0.0.9 proto udp";
  const std::string gone = "bind 192.0.2.25 2001:db8::25 to 127.0.0.9, fd00::/16 proto udp";
  check({
      {"wildcard", all, "udp4 bind 0.0.0.0 0 note connect 127.0.0.1 $ local port?",
       "bind ok; connect ok; local 127.0.0.25; port same", ""},
      {"proto any", v4 + " proto any", "udp4 bind 0.0.0.0 0 connect 127.0.0.1 $ local",
       "bind ok; connect ok; local 127.0.0.25", ""},
      {"wildcard, mapped", all, "udp6 bind :: 0 note connect ::ffff:127.0.0.1 $ local port?",
       "bind ok; connect ok; local ::ffff:127.0.0.25; port same", ""},
      {"wildcard, IPv6", v6 + " proto udp", "udp6 bind :: 0 note connect fd00::10 $ local port?",
       "bind ok; connect ok; local fd00::25; port same", ""},
      {"wildcard, V6ONLY, mapped", all,
       "udp6 v6only bind :: 0 note connect ::ffff:127.0.0.1 $ local port?",
       "bind ok; connect ENETUNREACH; local ::; port same", ""},
      {"fixed port", all, "udp4 bind 0.0.0.0 2525 connect 127.0.0.1 $ local",
       "bind ok; connect EADDRNOTAVAIL; local 0.0.0.0", ""},
      {"fixed port in the ephemeral range", all,
       "udp4 bind 0.0.0.0 45454 note connect 127.0.0.1 $ local port?",
       "bind ok; connect EADDRNOTAVAIL; local 0.0.0.0; port same", ""},
      {"fixed port, else direct", all + " else direct",
       "udp4 bind 0.0.0.0 45454 note connect 127.0.0.1 $ local port?",
       "bind ok; connect ok; local 127.0.0.1; port same", ""},
      {"bound to a device", all,
       "udp4 todevice lo bind 0.0.0.0 0 note connect 127.0.0.1 $ local port?",
       "bind ok; connect EADDRNOTAVAIL; local 0.0.0.0; port same", ""},
      {"bound to a device, else direct", all + " else direct",
       "udp4 todevice lo bind 0.0.0.0 0 note connect 127.0.0.1 $ local port?",
       "bind ok; connect ok; local 127.0.0.1; port same", ""},
      {"bound to a device, and the call fails", "bind 127.0.0.25 to 255.255.255.255 proto udp",
       "udp4 todevice lo connect 255.255.255.255 9 device? connect 127.0.0.1 $ local",
       "connect EACCES; device lo; connect ok; local 127.0.0.1", ""},
      {"a device, not bound", all, "udp4 todevice lo connect 127.0.0.1 $ local",
       "connect ok; local 127.0.0.25", ""},
      {"the call fails", "bind 127.0.0.25 to 255.255.255.255 proto udp",
       "udp4 bind 0.0.0.0 0 note connect 255.255.255.255 9 local port?",
       "bind ok; connect EACCES; local 0.0.0.0; port same", ""},
      {"there is no route", "bind 127.0.0.25 to 203.0.113.0/24 proto udp",
       "udp4 bind 0.0.0.0 0 note connect 203.0.113.1 9 local port? connect 127.0.0.1 $ local",
       "bind ok; connect ENETUNREACH; local 0.0.0.0; port same; connect ok; local 127.0.0.1", ""},
      {"the source is absent", gone, "udp4 bind 0.0.0.0 0 note connect 127.0.0.9 $ local port?",
       "bind ok; connect EADDRNOTAVAIL; local 0.0.0.0; port same", ""},
      {"the source is absent, else direct", gone + " else direct",
       "udp4 bind 0.0.0.0 0 note connect 127.0.0.9 $ local port?",
       "bind ok; connect ok; local 127.0.0.1; port same", ""},
      {"the program's own address", all,
       "udp4 bind 127.0.0.77 0 note connect 127.0.0.1 $ local port?",
       "bind ok; connect ok; local 127.0.0.77; port same", ""},
      {"override", all + " override", "udp4 bind 127.0.0.77 0 note connect 127.0.0.1 $ local port?",
       "bind ok; connect ok; local 127.0.0.25; port same", ""},
      {"override, fixed port", all + " override",
       "udp4 bind 127.0.0.77 2525 connect 127.0.0.1 $ local",
       "bind ok; connect EADDRNOTAVAIL; local 127.0.0.77", ""},
      {"connected before", one, "udp4 connect 127.0.0.1 $ note connect 127.0.0.9 $ local port?",
       "connect ok; connect ok; local 127.0.0.25; port same", ""},
      {"connected before, IPv6", "bind fd00::25 to fd00::10 proto udp",
       "udp6 connect fd00::77 $ connect fd00::10 $ local", "connect ok; connect ok; local fd00::25",
       ""},
      {"connected before, wildcard-bound", one,
       "udp4 bind 0.0.0.0 0 note connect 127.0.0.1 $ connect 127.0.0.9 $ local port?",
       "bind ok; connect ok; connect ok; local 127.0.0.25; port same", ""},
      {"connected before, the program's own address", one,
       "udp4 bind 127.0.0.77 0 note connect 127.0.0.1 $ connect 127.0.0.9 $ local port?",
       "bind ok; connect ok; connect ok; local 127.0.0.77; port same", ""},
      {"connected before, from another source", one + "; bind 127.0.0.26 to 127.0.0.1 proto udp",
       "udp4 connect 127.0.0.1 $ local connect 127.0.0.9 $ local",
       "connect ok; local 127.0.0.26; connect ok; local 127.0.0.25", ""},
      {"connected before, after the address of a rule was taken off", one,
       "udp4 connect 127.0.0.9 $ unspec connect 127.0.0.1 $ local connect 127.0.0.9 $ local",
       "connect ok; unspec ok; connect ok; local 127.0.0.1; connect ok; local 127.0.0.25", ""},
      {"connected before, from the same", all,
       "udp4 connect 127.0.0.1 $ note connect 127.0.0.9 $ local port?",
       "connect ok; connect ok; local 127.0.0.25; port same", ""},
      {"connected before, and no route", "bind 127.0.0.25 to 203.0.113.0/24 proto udp",
       "udp4 connect 127.0.0.1 $ note connect 203.0.113.1 9 local port? peer",
       "connect ok; connect ENETUNREACH; local 127.0.0.1; port same; peer 127.0.0.1", ""},
      {"connected before, the source is absent", gone,
       "udp4 connect 127.0.0.1 $ note connect 127.0.0.9 $ local port? peer",
       "connect ok; connect EADDRNOTAVAIL; local 127.0.0.1; port same; peer 127.0.0.1", ""},
      {"connected before, the source is absent, else direct", gone + " else direct",
       "udp4 connect 127.0.0.1 $ connect 127.0.0.9 $ local peer",
       "connect ok; connect ok; local 127.0.0.1; peer 127.0.0.9", ""},
      {"no rule for it", one, "udp4 bind 0.0.0.0 0 note connect 127.0.0.1 $ local port?",
       "bind ok; connect ok; local 127.0.0.1; port same", ""},
  });
}
