// Rules with several source addresses, and which of them a connection gets.
#include <map>
#include <sstream>

#include "tests/catch.h"
#include "tests/preload/rows.h"
#include "tests/preload/world.h"

using world::check;
using world::Row;

namespace {

// The test's node holds 127.0.0.0/8, fd00::25 and fd00::77, but not 192.0.2.0/24 and fd00::99.
const std::string to4 = " to 127.0.0.0/8";
const std::string to6 = " to fd00::/16";

const std::vector<Row> first_held = {
    {"the first", "bind 127.0.0.25, 127.0.0.26" + to4, "tcp4 connect 127.0.0.1 $", "connect ok",
     "127.0.0.25"},
    {"the second", "bind 192.0.2.25, 127.0.0.26" + to4, "tcp4 connect 127.0.0.1 $", "connect ok",
     "127.0.0.26"},
    {"the eighth",
     "bind 192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4, 192.0.2.5, 192.0.2.6, 192.0.2.7, "
     "127.0.0.26" +
         to4,
     "tcp4 connect 127.0.0.1 $", "connect ok", "127.0.0.26"},
    {"of the destination's family", "bind fd00::25, 192.0.2.1, 127.0.0.26, fd00::77" + to4,
     "tcp4 connect 127.0.0.1 $", "connect ok", "127.0.0.26"},
    {"IPv6", "bind 192.0.2.1, fd00::99, 127.0.0.26, fd00::77, fd00::25" + to6,
     "tcp6 connect fd00::10 $", "connect ok", "fd00::77"},
    {"mapped", "bind 192.0.2.25, 127.0.0.26" + to4, "tcp6 connect ::ffff:127.0.0.1 $", "connect ok",
     "127.0.0.26"},
    {"not blocking", "bind 192.0.2.25, 127.0.0.26" + to4,
     "tcp4 nonblock connect 127.0.0.1 $ wait connect 127.0.0.1 $",
     "connect EINPROGRESS; wait 0; connect ok", "127.0.0.26"},
    {"sendto", "bind 192.0.2.25, 127.0.0.26" + to4, "tcp4 sendto 127.0.0.1 $", "sendto ok",
     "127.0.0.26"},
    {"none, refused", "bind 192.0.2.25, 192.0.2.26" + to4, "tcp4 connect 127.0.0.1 $ local",
     "connect EADDRNOTAVAIL; local 0.0.0.0 unbound", ""},
    {"none, direct", "bind 192.0.2.25, 192.0.2.26 else direct" + to4, "tcp4 connect 127.0.0.1 $",
     "connect ok", "127.0.0.1"},
    {"datagrams", "bind 192.0.2.25, 127.0.0.26 proto udp" + to4, "udp4 connect 127.0.0.1 $ local",
     "connect ok; local 127.0.0.26", ""},
    {"a datagram socket with a port", "bind 192.0.2.25, 127.0.0.26 proto udp" + to4,
     "udp4 bind 0.0.0.0 0 connect 127.0.0.1 $ local", "bind ok; connect ok; local 127.0.0.26", ""},
    {"the wildcard address and a port", "bind 192.0.2.25, 127.0.0.26" + to4,
     "tcp4 bind 0.0.0.0 0 connect 127.0.0.1 $", "bind ok; connect ok", "127.0.0.26"},
    {"override", "bind 192.0.2.25, 127.0.0.26 override" + to4,
     "tcp4 bind 127.0.0.77 0 connect 127.0.0.1 $", "bind ok; connect ok", "127.0.0.26"},
    {"override, the source of another rule",
     "bind 192.0.2.25, 127.0.0.26 override" + to4 + "; bind 127.0.0.77 to 10.0.0.0/8",
     "tcp4 bind 127.0.0.77 0 connect 127.0.0.1 $", "bind ok; connect ok", "127.0.0.26"},
    {"override, the source of another rule, fixed port",
     "bind 192.0.2.25, 127.0.0.26 override" + to4 + "; bind 127.0.0.77 to 10.0.0.0/8",
     "tcp4 bind 127.0.0.77 2525 connect 127.0.0.1 $", "bind ok; connect EADDRNOTAVAIL", ""},
    {"the program's own address", "bind 192.0.2.25, 127.0.0.26" + to4,
     "tcp4 bind 127.0.0.77 0 connect 127.0.0.1 $", "bind ok; connect ok", "127.0.0.77"},
    {"any address of the list is ours", "bind 127.0.0.25, 127.0.0.26" + to4,
     "tcp4 noport bind 127.0.0.26 0 connect 127.0.0.1 $", "bind ok; connect ok", "127.0.0.26"},
    {"undone where the call fails", "bind 192.0.2.25, 127.0.0.26 to 127.0.0.9",
     "tcp4 connect 127.0.0.9 1 local connect 127.0.0.1 $",
     "connect ECONNREFUSED; local 0.0.0.0 unbound; connect ok", "127.0.0.1"},
};

}  // namespace

// bind(2) accepts these, but a connection would leave from 127.0.0.1.
TEST_CASE("a broadcast address of the node is not held") {
  const std::string broadcast = "bind 127.255.255.255";
  check({
      {"refused", broadcast + to4, "tcp4 connect 127.0.0.1 $ local connect 127.0.0.1 $",
       "connect EADDRNOTAVAIL; local 0.0.0.0 unbound; connect EADDRNOTAVAIL", ""},
      {"direct", broadcast + " else direct" + to4, "tcp4 connect 127.0.0.1 $", "connect ok",
       "127.0.0.1"},
      {"the next", broadcast + ", 127.0.0.26" + to4, "tcp4 connect 127.0.0.1 $", "connect ok",
       "127.0.0.26"},
      {"mapped", broadcast + to4, "tcp6 connect ::ffff:127.0.0.1 $", "connect EADDRNOTAVAIL", ""},
      {"sendto", broadcast + to4, "tcp4 sendto 127.0.0.1 $", "sendto EADDRNOTAVAIL", ""},
      {"not blocking", broadcast + to4, "tcp4 nonblock connect 127.0.0.1 $",
       "connect EADDRNOTAVAIL", ""},
      {"the wildcard address and a port", broadcast + to4,
       "tcp4 bind 0.0.0.0 0 connect 127.0.0.1 $", "bind ok; connect EADDRNOTAVAIL", ""},
      {"datagrams", broadcast + " proto udp" + to4, "udp4 connect 127.0.0.1 $ local",
       "connect EADDRNOTAVAIL; local 0.0.0.0 unbound", ""},
      {"a datagram socket with a port", broadcast + " proto udp" + to4,
       "udp4 bind 0.0.0.0 0 connect 127.0.0.1 $", "bind ok; connect EADDRNOTAVAIL", ""},
      {"a datagram socket with a peer", broadcast + " proto udp to 127.0.0.9",
       "udp4 connect 127.0.0.1 $ connect 127.0.0.9 $", "connect ok; connect EADDRNOTAVAIL", ""},
      {"after a source that is held",
       "bind 127.0.0.26 to 127.0.0.1; " + broadcast + " to 127.0.0.9",
       "tcp4 connect 127.0.0.1 $ tcp4 connect 127.0.0.9 $ tcp4 connect 127.0.0.1 $",
       "connect ok; connect EADDRNOTAVAIL; connect ok", "127.0.0.26 127.0.0.26"},
  });
}

TEST_CASE("of several source addresses the first one that the node holds is used") {
  check(first_held);
}

TEST_CASE("the same if bind accepts every address") {
  const world::Sysctl nonlocal4("net/ipv4/ip_nonlocal_bind", "1");
  const world::Sysctl nonlocal6("net/ipv6/ip_nonlocal_bind", "1");
  check(first_held);
}

TEST_CASE("the same with IP_FREEBIND") {
  check({
      {"IPv4", "bind 192.0.2.25, 127.0.0.26" + to4, "tcp4 freebind connect 127.0.0.1 $",
       "connect ok", "127.0.0.26"},
      {"not blocking", "bind 192.0.2.25, 127.0.0.26" + to4,
       "tcp4 freebind nonblock connect 127.0.0.1 $ wait", "connect EINPROGRESS; wait 0",
       "127.0.0.26"},
      {"sendto", "bind 192.0.2.25, 127.0.0.26" + to4, "tcp4 freebind sendto 127.0.0.1 $",
       "sendto ok", "127.0.0.26"},
      {"IPv6", "bind fd00::99, fd00::25" + to6, "tcp6 freebind connect fd00::10 $", "connect ok",
       "fd00::25"},
      {"datagrams", "bind 192.0.2.25, 127.0.0.26 proto udp" + to4,
       "udp4 freebind connect 127.0.0.1 $ local", "connect ok; local 127.0.0.26", ""},
      {"none", "bind 192.0.2.25, 192.0.2.26" + to4, "tcp4 freebind connect 127.0.0.1 $ local",
       "connect EADDRNOTAVAIL; local 0.0.0.0 unbound", ""},
  });
}

TEST_CASE("pick random chooses each held address equally often") {
  constexpr int processes = 50, connections = 20 * processes;
  std::string script;
  for (int i = 0; i < connections / processes; ++i) script += "tcp4 connect 127.0.0.1 $ ";
  std::map<std::string, int> seen;
  for (int i = 0; i < processes; ++i) {
    world::Listener listener;
    const world::Output output = world::subject(
        "bind 127.0.0.25, 192.0.2.1, 127.0.0.26, 192.0.2.2 pick random" + to4, script, listener);
    CHECK(output.status == 0);
    std::istringstream peers(listener.peers());
    for (std::string peer; peers >> peer;) ++seen[peer];
  }
  CHECK(seen.size() == 2);
  // 500 are expected, with a standard deviation of 16: by chance the number is outside this range
  // once in two million runs.
  CHECK(seen["127.0.0.25"] > 500 - 80);
  CHECK(seen["127.0.0.25"] < 500 + 80);
  CHECK(seen["127.0.0.25"] + seen["127.0.0.26"] == connections);
}

TEST_CASE("the log names the address that was used, and how many there were") {
  const auto logged = [](const std::string& rules, const std::string& level) {
    world::Listener listener;
    std::string text =
        world::subject(rules, "tcp4 connect 127.0.0.1 $", listener, {{"CLUSTERBIND_LOG", level}})
            .error;
    return text.substr(text.find("preload_subject: ") + sizeof "preload_subject: " - 1,
                       text.find(" (CLUSTERBIND") - text.find("preload_subject: ") -
                           (sizeof "preload_subject: " - 1));
  };
  CHECK_THAT(logged("bind 192.0.2.25, 127.0.0.26" + to4, "info"),
             Catch::Matchers::StartsWith("bound 127.0.0.26 -> 127.0.0.1:"));
  const std::string none = logged("bind 192.0.2.25, fd00::25, 192.0.2.26" + to4, "error");
  CHECK_THAT(none, Catch::Matchers::StartsWith("refused 127.0.0.1:"));
  CHECK_THAT(none, Catch::Matchers::EndsWith(": cannot bind 192.0.2.25 (first of 2): Cannot assign "
                                             "requested address"));
}
