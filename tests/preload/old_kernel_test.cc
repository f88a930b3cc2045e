// The library on older kernels: it works without each system call and socket option that such a
// kernel lacks. Filters simulate the kernels (old_kernel.cc).
#include <map>
#include <sstream>

#include "tests/catch.h"
#include "tests/preload/rows.h"
#include "tests/preload/world.h"

using world::check;
using world::Row;

namespace {

const std::string v4 = "bind 127.0.0.25 to 127.0.0.0/8";
const std::string v6 = "bind fd00::25 to fd00::/16";
const std::string gone = "bind 192.0.2.25 2001:db8::25 to 127.0.0.0/8, fd00::/16";

std::vector<std::string> as(const std::string& version) {
  return {OLD_KERNEL, version};
}

/// Kernels without IP_BIND_ADDRESS_NO_PORT, with which a bind can be undone, and kernels that have
/// it.
const std::vector<std::string> before_4_2 = {"3.10", "no-protocol"};
const std::vector<std::string> since_4_2 = {"4.12", "4.18", "5.10", "5.14", "6.1"};

void check_all(const std::vector<std::string>& versions, const std::vector<Row>& rows) {
  for (const std::string& version : versions) {
    INFO("kernel " << version);
    check(rows, as(version));
  }
}

// Rows that are the same on all of them.
const std::vector<Row> rows = {
    {"IPv4", v4, "tcp4 connect 127.0.0.1 $", "connect ok", "127.0.0.25"},
    {"mapped", v4, "tcp6 connect ::ffff:127.0.0.1 $ local", "connect ok; local ::ffff:127.0.0.25",
     "127.0.0.25"},
    {"IPv6", v6, "tcp6 connect fd00::10 $", "connect ok", "fd00::25"},
    {"sendto", v4, "tcp4 sendto 127.0.0.1 $", "sendto ok", "127.0.0.25"},
    {"sendmsg", v4, "tcp4 sendmsg 127.0.0.1 $", "sendmsg ok", "127.0.0.25"},
    {"sendmmsg", v4, "tcp4 sendmmsg 127.0.0.1 $", "sendmmsg ok", "127.0.0.25"},
    {"not blocking", v4, "tcp4 nonblock connect 127.0.0.1 $ wait connect 127.0.0.1 $ local",
     "connect EINPROGRESS; wait 0; connect ok; local 127.0.0.25", "127.0.0.25"},
    {"ports spread", v4 + "; ports spread", "tcp4 connect 127.0.0.1 $ range?",
     "connect ok; range 0xffffffff", "127.0.0.25"},
    {"proto any", v4 + " proto any", "tcp4 connect 127.0.0.1 $ udp4 connect 127.0.0.1 $ local",
     "connect ok; connect ok; local 127.0.0.25", "127.0.0.25"},
    // A socket of another protocol, which is recognised by SO_PROTOCOL or by SO_TYPE.
    {"UDP under a rule for TCP", v4, "udp4 connect 127.0.0.1 $ local",
     "connect ok; local 127.0.0.1", ""},
    {"UDP under a rule for TCP, IPv6", v6, "udp6 connect fd00::10 $ local",
     "connect ok; local fd00::10", ""},
    {"TCP under a rule for UDP", v4 + " proto udp", "tcp4 connect 127.0.0.1 $", "connect ok",
     "127.0.0.1"},
    {"a datagram with MSG_FASTOPEN", v4 + " proto any", "udp4 sendto 127.0.0.1 $ local",
     "sendto ok; local 0.0.0.0", ""},
    {"a raw socket", v4, "raw4 connect 127.0.0.1 0 local", "connect ok; local 127.0.0.1", ""},
    {"no IP socket", v4, "unix connect 127.0.0.1 $ file connect 127.0.0.1 $",
     "connect EINVAL; connect ENOTSOCK", ""},
    {"UDP", v4 + " proto udp", "udp4 connect 127.0.0.1 $ local", "connect ok; local 127.0.0.25",
     ""},
    {"UDP, mapped", v4 + " proto udp", "udp6 connect ::ffff:127.0.0.1 $ local",
     "connect ok; local ::ffff:127.0.0.25", ""},
    {"UDP, wildcard-bound", v4 + " proto udp",
     "udp4 bind 0.0.0.0 0 note connect 127.0.0.1 $ local port?",
     "bind ok; connect ok; local 127.0.0.25; port same", ""},
    {"UDP, connected before", "bind 127.0.0.25 to 127.0.0.9 proto udp",
     "udp4 connect 127.0.0.1 $ note connect 127.0.0.9 $ local port?",
     "connect ok; connect ok; local 127.0.0.25; port same", ""},
    {"UDP, bound to a device, and the call fails", "bind 127.0.0.25 to 255.255.255.255 proto udp",
     "udp4 todevice lo connect 255.255.255.255 9 device?", "connect EACCES; device lo", ""},
    // Addresses that the program itself has chosen.
    {"the program's own address", v4, "tcp4 bind 127.0.0.77 0 connect 127.0.0.1 $",
     "bind ok; connect ok", "127.0.0.77"},
    {"override", v4 + " override", "tcp4 bind 127.0.0.77 0 connect 127.0.0.1 $",
     "bind ok; connect ok", "127.0.0.25"},
    {"wildcard", v4, "tcp4 bind 0.0.0.0 0 connect 127.0.0.1 $", "bind ok; connect ok",
     "127.0.0.25"},
    {"wildcard, IPv6", v6, "tcp6 bind :: 0 connect fd00::10 $", "bind ok; connect ok", "fd00::25"},
    {"wildcard, fixed port", v4, "tcp4 bind 0.0.0.0 2525 connect 127.0.0.1 $",
     "bind ok; connect EADDRNOTAVAIL", ""},
    {"its answer is the kernel's", v4, "tcp4 connect 127.0.0.1 $ connect 127.0.0.1 $",
     "connect ok; connect EISCONN", "127.0.0.25"},
    // Source addresses that the host does not hold.
    {"refuse", gone, "tcp4 connect 127.0.0.1 $", "connect EADDRNOTAVAIL", ""},
    {"refuse, IPv6", gone, "tcp6 connect fd00::10 $", "connect EADDRNOTAVAIL", ""},
    {"direct", gone + " else direct", "tcp4 connect 127.0.0.1 $", "connect ok", "127.0.0.1"},
    {"direct, IPv6", gone + " else direct", "tcp6 connect fd00::10 $", "connect ok", "fd00::10"},
    {"the second of a list", "bind 192.0.2.25, 127.0.0.26 to 127.0.0.0/8",
     "tcp4 connect 127.0.0.1 $", "connect ok", "127.0.0.26"},
    {"with IP_FREEBIND", gone, "tcp4 freebind connect 127.0.0.1 $ tcp6 freebind connect fd00::10 $",
     "connect EADDRNOTAVAIL; connect EADDRNOTAVAIL", ""},
    {"a rule for this program", v4 + " program preload_subject", "tcp4 connect 127.0.0.1 $",
     "connect ok", "127.0.0.25"},
};

}  // namespace

TEST_CASE("connections on each kernel") {
  const world::Sysctl fastopen("net/ipv4/tcp_fastopen", "3");
  check_all(before_4_2, rows);
  check_all(since_4_2, rows);
}

TEST_CASE("connections on each kernel, if bind accepts every address") {
  const world::Sysctl fastopen("net/ipv4/tcp_fastopen", "3");
  const world::Sysctl nonlocal4("net/ipv4/ip_nonlocal_bind", "1");
  const world::Sysctl nonlocal6("net/ipv6/ip_nonlocal_bind", "1");
  check_all(before_4_2, rows);
  check_all({"4.12"}, rows);
}

TEST_CASE("connections that fail are undone") {
  const std::string one = "bind 127.0.0.25 to 127.0.0.9, 203.0.113.0/24";
  const std::string refused = "tcp4 connect 127.0.0.9 1 local connect 127.0.0.1 $";
  const std::string no_route = "tcp4 connect 203.0.113.1 9 local connect 127.0.0.1 $";
  const std::string disconnected = "tcp4 connect 127.0.0.9 $ unspec connect 127.0.0.1 $";
  const std::string one_family = "tcp6 connect fd00::10 $ v6only?";
  check_all(since_4_2, {{"a call that is refused", one, refused,
                         "connect ECONNREFUSED; local 0.0.0.0 unbound; connect ok", "127.0.0.1"},
                        {"no route", one, no_route,
                         "connect ENETUNREACH; local 0.0.0.0 unbound; connect ok", "127.0.0.1"},
                        {"AF_UNSPEC", one, disconnected, "connect ok; unspec ok; connect ok",
                         "127.0.0.25 127.0.0.1"},
                        {"IPV6_V6ONLY", v6, one_family, "connect ok; v6only 0", "fd00::25"}});
  // The kernel keeps a port that bind(2) has assigned until a connection has been tried: LIMITS in
  // libclusterbind(8).
  check_all(before_4_2, {{"a call that is refused", one, refused,
                          "connect ECONNREFUSED; local 0.0.0.0; connect ok", "127.0.0.1"},
                         {"no route", one, no_route,
                          "connect ENETUNREACH; local 127.0.0.25; connect ok", "127.0.0.25"},
                         {"AF_UNSPEC", one, disconnected, "connect ok; unspec ok; connect ok",
                          "127.0.0.25 127.0.0.25"},
                         {"IPV6_V6ONLY", v6, one_family, "connect ok; v6only 1", "fd00::25"}});
}

TEST_CASE("without getrandom each held address is chosen equally often") {
  std::string script;
  for (int i = 0; i < 50; ++i) script += "tcp4 connect 127.0.0.1 $ ";
  std::map<std::string, int> seen;
  for (int i = 0; i < 20; ++i) {
    world::Listener listener;
    world::subject("bind 127.0.0.25, 192.0.2.1, 127.0.0.26 pick random to 127.0.0.0/8", script,
                   listener, {}, as("3.10"));
    std::istringstream peers(listener.peers());
    for (std::string peer; peers >> peer;) ++seen[peer];
  }
  CHECK(seen.size() == 2);
  // 500 are expected, with a standard deviation of 16.
  CHECK(seen["127.0.0.25"] > 400);
  CHECK(seen["127.0.0.26"] > 400);
}

TEST_CASE("before Linux 4.2 bind finds that the ports are used up") {
  world::Listener listener;
  // Ports that no other connection of the test has used.
  const world::Sysctl range("net/ipv4/ip_local_port_range", "20010 20011");
  const world::Output output =
      world::subject(v4 + " else direct",
                     "tcp4 connect 127.0.0.1 $ tcp4 connect 127.0.0.1 $ tcp4 connect 127.0.0.1 $",
                     listener, {}, as("3.10"));
  CHECK(output.out == "connect ok; connect ok; connect EADDRINUSE");
  CHECK(listener.peers() == "127.0.0.25 127.0.0.25");
  CHECK_THAT(output.error, Catch::Matchers::ContainsSubstring(
                               ": the ports of 127.0.0.25 are used up (CLUSTERBIND_RULES:1)"));
}

TEST_CASE("large rule files") {
  // Large enough for memory that comes from the kernel, in huge pages that are populated at once.
  std::string text;
  for (int i = 0; i < 100'000; ++i) {
    text += "direct to 10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." +
            std::to_string(i & 255) + "\n";
  }
  const world::Folder folder;
  folder.write("rules", text + v4 + "\n");
  for (const char* version : {"3.10", "4.12", "5.10"}) {
    INFO("kernel " << version);
    world::Listener listener;
    const world::Output output =
        world::subject("", "tcp4 connect 127.0.0.1 $", listener,
                       {{"CLUSTERBIND_CONFIG", folder.path("rules")}}, as(version));
    CHECK(output.out == "connect ok");
    CHECK(listener.peers() == "127.0.0.25");
  }
}

TEST_CASE("programs are followed") {
  const world::Variables variables = {
      {"LD_PRELOAD", LIBRARY}, {"CLUSTERBIND_RULES", v4}, {"CLUSTERBIND_FOLLOW", "1"}};
  const std::string all = "CLUSTERBIND_FOLLOW=1; CLUSTERBIND_RULES=" + v4 + "; LD_PRELOAD=" LIBRARY;
  for (const char* how : {"execve", "execvpe", "execle", "fexecve", "posix_spawn", "posix_spawnp",
                          "execl", "execlp", "execv", "execvp", "vfork"}) {
    INFO(how);
    CHECK(world::run({OLD_KERNEL, "3.10", FOLLOWER, how}, variables).out == all);
  }
  // execveat(2) exists since Linux 3.19.
  CHECK(world::run({OLD_KERNEL, "3.10", FOLLOWER, "execveat"}, variables).out.empty());
  CHECK(world::run({OLD_KERNEL, "4.12", FOLLOWER, "execveat"}, variables).out == all);
}

TEST_CASE("log lines") {
  world::Listener listener;
  const world::Output output = world::subject(v4, "tcp4 connect 127.0.0.1 $", listener,
                                              {{"CLUSTERBIND_LOG", "info"}}, as("3.10"));
  CHECK_THAT(output.error,
             Catch::Matchers::ContainsSubstring("preload_subject: bound 127.0.0.25 -> 127.0.0.1:" +
                                                listener.port()));
}

TEST_CASE("the filter works") {
  world::Listener listener;
  CHECK(world::subject("", "tcp4 noport", listener, {}, as("3.10")).out ==
        "setsockopt ENOPROTOOPT");
  CHECK(world::subject("", "tcp4 noport mptcp4", listener, {}, as("4.18")).out == "socket EINVAL");
  CHECK(world::subject("", "tcp4 range 1 2", listener, {}, as("6.1")).out ==
        "setsockopt ENOPROTOOPT");
  CHECK(world::subject("", "tcp4 protocol?", listener, {}, as("3.10")).out == "protocol 6");
  CHECK(world::subject("", "tcp4 protocol?", listener, {}, as("no-protocol")).out == "protocol -1");
}
