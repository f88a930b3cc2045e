// The table of clusterbind-attach(8), row by row: what the kernel does with a connection, as the
// program and the listener see it, compared with what the library does with the same connection.
// Rows that are marked as the same must be the same, and the others must differ.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "config/rule_text.h"
#include "config/tool/kernel/attach.h"
#include "tests/catch.h"
#include "tests/preload/world.h"

namespace {

enum class Kernel { same, differs };
using enum Kernel;

struct Row {
  Kernel verdict;
  std::string what;
  std::string rules;
  std::string script;
  std::string out;    // what the calls returned, under rules in the kernel
  std::string peers;  // the peers that the listener saw then
};

[[noreturn]] void cannot(const char* what) {
  // CMakeLists.txt recognises a skipped test by this line.
  std::fprintf(stderr, "cannot run: no groups: %s\n", what);
  std::_Exit(1);
}

/// A control group for the test, removed by the destructor.
class Group {
 public:
  Group() {
    std::ifstream mounts("/proc/self/mounts");
    std::string device, folder, type, rest;
    while (mounts >> device >> folder >> type && type != "cgroup2") std::getline(mounts, rest);
    if (type != "cgroup2") cannot("no cgroup v2 is mounted");
    path_ = folder + "/clusterbind-rows." + std::to_string(getpid());
    if (mkdir(path_.c_str(), 0755) != 0) cannot("no group can be made");
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  ~Group() {
    // A process that has ended may not have left the group yet.
    for (int i = 0; i < 100 && rmdir(path_.c_str()) != 0; ++i) usleep(10000);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Splits the script at blanks. `$` stands for the listener's port, `@` for a new one.
std::vector<std::string> split(const std::string& script, const world::Listener& listener) {
  static int number = 2600;
  std::vector<std::string> result;
  std::istringstream words(world::replaced(script, "@", std::to_string(number++)));
  for (std::string word; words >> word;) {
    result.push_back(world::replaced(word, "$", listener.port()));
  }
  return result;
}

/// The subject in the group, with no library.
world::Output run_inside(const Group& group, const std::string& script,
                         const world::Listener& listener) {
  std::vector<std::string> command = {
      "/bin/sh", "-c", "echo 0 > \"$0/cgroup.procs\" && exec \"$@\"", group.path(), SUBJECT};
  for (const std::string& word : split(script, listener)) command.push_back(word);
  return world::run(command, {});
}

void attach(const Group& group, const std::string& text, const world::Listener& listener) {
  const clusterbind::RuleText rules(world::replaced(text, "$", listener.port()));
  INFO(text);
  REQUIRE(rules.right());
  clusterbind::tool::attach_rules(group.path(), rules, {});
}

void check(const std::vector<Row>& rows) {
  world::enter();
  const Group group;
  for (const Row& row : rows) {
    world::Listener listener;
    attach(group, row.rules, listener);
    const world::Output output = run_inside(group, row.script, listener);
    const std::string peers = listener.peers();
    INFO(row.what << "\nrules: " << row.rules << "\nscript: " << row.script);
    CHECK(output.out == row.out);
    CHECK(peers == row.peers);
    std::string script;
    for (const std::string& word : split(row.script, listener)) script += " " + word;
    const world::Output library = world::subject(row.rules, script, listener);
    const std::string library_peers = listener.peers();
    INFO("by library: " << library.out << " from " << library_peers);
    const bool is_same = library.out == output.out && library_peers == peers;
    CHECK(is_same == (row.verdict == same));
  }
}

const std::string v4 = "bind 127.0.0.25 to 127.0.0.0/8";
const std::string v6 = "bind fd00::25 to fd00::/16";

}  // namespace

TEST_CASE("no rule matches, or direct") {
  check({
      {same, "no rule", "bind 127.0.0.25 to 10.0.0.0/8", "tcp4 connect 127.0.0.1 $ noport?",
       "connect ok; noport 0", "127.0.0.1"},
      {same, "another port", v4 + " port 1", "tcp4 connect 127.0.0.1 $", "connect ok", "127.0.0.1"},
      {same, "direct first", "direct to 127.0.0.0/8; " + v4, "tcp4 connect 127.0.0.1 $",
       "connect ok", "127.0.0.1"},
      {same, "any does not match loopback", "bind fd00::25", "tcp6 connect ::1 $", "connect ok",
       "::1"},
      {same, "the wildcard address", "bind 127.0.0.25 to 0.0.0.0/0", "tcp4 connect 0.0.0.0 $",
       "connect ok", "127.0.0.1"},
      {same, "another program", v4 + " program other", "tcp4 connect 127.0.0.1 $", "connect ok",
       "127.0.0.1"},
      {same, "this program", v4 + " program preload_subject", "tcp4 connect 127.0.0.1 $",
       "connect ok", "127.0.0.25"},
  });
}

TEST_CASE("another protocol") {
  check({
      {same, "UDP under a rule for TCP", v4, "udp4 connect 127.0.0.1 $ local",
       "connect ok; local 127.0.0.1", ""},
      {same, "a raw socket", v4, "raw4 connect 127.0.0.1 0 local", "connect ok; local 127.0.0.1",
       ""},
      {differs, "a raw socket under a rule for all", v4 + " proto any",
       "raw4 connect 127.0.0.1 0 local", "connect ok; local 127.0.0.1", ""},
  });
}

TEST_CASE("not bound") {
  const world::Sysctl fastopen("net/ipv4/tcp_fastopen", "3");
  check({
      {same, "IPv4", v4, "tcp4 connect 127.0.0.1 $", "connect ok", "127.0.0.25"},
      {differs, "IP_BIND_ADDRESS_NO_PORT", v4, "tcp4 connect 127.0.0.1 $ noport?",
       "connect ok; noport 0", "127.0.0.25"},
      {same, "mapped", v4, "tcp6 connect ::ffff:127.0.0.1 $ local",
       "connect ok; local ::ffff:127.0.0.25", "127.0.0.25"},
      {same, "IPv6", v6, "tcp6 connect fd00::10 $", "connect ok", "fd00::25"},
      {same, "MPTCP", v4, "mptcp4 connect 127.0.0.1 $", "connect ok", "127.0.0.25"},
      {same, "not blocking", v4, "tcp4 nonblock connect 127.0.0.1 $ wait connect 127.0.0.1 $ local",
       "connect EINPROGRESS; wait 0; connect ok; local 127.0.0.25", "127.0.0.25"},
      {same, "sendto", v4, "tcp4 sendto 127.0.0.1 $", "sendto ok", "127.0.0.25"},
      {same, "sendmsg", v4, "tcp4 sendmsg 127.0.0.1 $", "sendmsg ok", "127.0.0.25"},
      {same, "sendmmsg, IPv6", v6, "tcp6 sendmmsg fd00::10 $", "sendmmsg ok", "fd00::25"},
      {same, "UDP", v4 + " proto udp", "udp4 connect 127.0.0.1 $ local",
       "connect ok; local 127.0.0.25", ""},
      {same, "UDP, IPv6", v6 + " proto udp", "udp6 connect fd00::10 $ local",
       "connect ok; local fd00::25", ""},
      {same, "UDP, mapped", v4 + " proto udp", "udp6 connect ::ffff:127.0.0.1 $ local",
       "connect ok; local ::ffff:127.0.0.25", ""},
  });
}

TEST_CASE("bound to a source of the rules") {
  const std::string two = "bind 127.0.0.26 to 127.0.0.9/32; " + v4;
  check({
      {same, "the rule's own", v4, "tcp4 bind 127.0.0.25 0 connect 127.0.0.1 $",
       "bind ok; connect ok", "127.0.0.25"},
      {same, "one of its list", "bind 127.0.0.25, 127.0.0.26 to 127.0.0.0/8",
       "tcp4 noport bind 127.0.0.26 0 connect 127.0.0.1 $", "bind ok; connect ok", "127.0.0.26"},
      {differs, "the rule's own, which is not here", "bind 192.0.2.25 to 127.0.0.0/8",
       "tcp4 freebind bind 192.0.2.25 0 connect 127.0.0.1 $", "bind ok; connect ENETUNREACH", ""},
      {same, "another rule's, no port", two, "tcp4 noport bind 127.0.0.26 0 connect 127.0.0.1 $",
       "bind ok; connect ok", "127.0.0.25"},
      {same, "another rule's, fixed port", two, "tcp4 bind 127.0.0.26 @ connect 127.0.0.1 $",
       "bind ok; connect ok", "127.0.0.26"},
      {same, "another rule's, and a port", two, "tcp4 bind 127.0.0.26 0 connect 127.0.0.1 $",
       "bind ok; connect ok", "127.0.0.26"},
  });
}

TEST_CASE("bound to an address of its own") {
  check({
      {same, "with a port", v4, "tcp4 bind 127.0.0.77 0 connect 127.0.0.1 $", "bind ok; connect ok",
       "127.0.0.77"},
      {same, "without", v4, "tcp4 noport bind 127.0.0.77 0 connect 127.0.0.1 $",
       "bind ok; connect ok", "127.0.0.77"},
      {same, "UDP", v4 + " proto udp", "udp4 bind 127.0.0.77 0 connect 127.0.0.1 $ local",
       "bind ok; connect ok; local 127.0.0.77", ""},
      {same, "override, no port", v4 + " override",
       "tcp4 noport bind 127.0.0.77 0 connect 127.0.0.1 $", "bind ok; connect ok", "127.0.0.25"},
      {same, "override, fixed port", v4 + " override", "tcp4 bind 127.0.0.77 @ connect 127.0.0.1 $",
       "bind ok; connect EADDRNOTAVAIL", ""},
      {differs, "override, a port that the kernel chose", v4 + " override",
       "tcp4 bind 127.0.0.77 0 connect 127.0.0.1 $", "bind ok; connect EADDRNOTAVAIL", ""},
      {differs, "... else direct", v4 + " override else direct",
       "tcp4 bind 127.0.0.77 0 connect 127.0.0.1 $", "bind ok; connect ok", "127.0.0.77"},
  });
}

TEST_CASE("bound to the wildcard address, port chosen by the kernel") {
  check({
      {differs, "TCP", v4, "tcp4 bind 0.0.0.0 0 connect 127.0.0.1 $",
       "bind ok; connect EADDRNOTAVAIL", ""},
      {differs, "TCP, else direct", v4 + " else direct", "tcp4 bind 0.0.0.0 0 connect 127.0.0.1 $",
       "bind ok; connect ok", "127.0.0.1"},
      {differs, "TCP, IPv6", v6, "tcp6 bind :: 0 connect fd00::10 $",
       "bind ok; connect EADDRNOTAVAIL", ""},
      {same, "TCP, no port yet", v4, "tcp4 noport bind 0.0.0.0 0 connect 127.0.0.1 $",
       "bind ok; connect ok", "127.0.0.25"},
      {differs, "UDP", v4 + " proto udp", "udp4 bind 0.0.0.0 0 connect 127.0.0.1 $ local",
       "bind ok; connect EADDRNOTAVAIL; local 0.0.0.0", ""},
      {differs, "UDP, else direct", v4 + " proto udp else direct",
       "udp4 bind 0.0.0.0 0 connect 127.0.0.1 $ local", "bind ok; connect ok; local 127.0.0.1", ""},
      {same, "UDP, bound to a device", v4 + " proto udp",
       "udp4 todevice lo bind 0.0.0.0 0 connect 127.0.0.1 $ local",
       "bind ok; connect EADDRNOTAVAIL; local 0.0.0.0", ""},
  });
}

TEST_CASE("bound to the wildcard address, fixed port") {
  check({
      {same, "TCP", v4, "tcp4 bind 0.0.0.0 @ connect 127.0.0.1 $", "bind ok; connect EADDRNOTAVAIL",
       ""},
      {same, "TCP, else direct", v4 + " else direct", "tcp4 bind 0.0.0.0 @ connect 127.0.0.1 $",
       "bind ok; connect ok", "127.0.0.1"},
      {same, "UDP", v4 + " proto udp", "udp4 bind 0.0.0.0 @ connect 127.0.0.1 $ local",
       "bind ok; connect EADDRNOTAVAIL; local 0.0.0.0", ""},
  });
}

TEST_CASE("a connected datagram socket") {
  const std::string one = "bind 127.0.0.25 to 127.0.0.9 proto udp";
  check({
      {same, "that the program bound", one,
       "udp4 bind 127.0.0.77 0 connect 127.0.0.1 $ connect 127.0.0.9 $ local",
       "bind ok; connect ok; connect ok; local 127.0.0.77", ""},
      {same, "from the same source", v4 + " proto udp",
       "udp4 connect 127.0.0.1 $ connect 127.0.0.9 $ local",
       "connect ok; connect ok; local 127.0.0.25", ""},
      {differs, "by an earlier connect", one, "udp4 connect 127.0.0.1 $ connect 127.0.0.9 $ local",
       "connect ok; connect EADDRNOTAVAIL; local 127.0.0.1", ""},
      {differs, "... else direct", one + " else direct",
       "udp4 connect 127.0.0.1 $ connect 127.0.0.9 $ local",
       "connect ok; connect ok; local 127.0.0.1", ""},
      {differs, "from another source", one + "; bind 127.0.0.26 to 127.0.0.1 proto udp",
       "udp4 connect 127.0.0.1 $ connect 127.0.0.9 $ local",
       "connect ok; connect EADDRNOTAVAIL; local 127.0.0.26", ""},
      {same, "to a destination without a rule", one,
       "udp4 connect 127.0.0.9 $ connect 127.0.0.1 $ local",
       "connect ok; connect ok; local 127.0.0.25", ""},
  });
}

TEST_CASE("connect with AF_UNSPEC") {
  const std::string one = "bind 127.0.0.25 to 127.0.0.9";
  check({
      {same, "not connected", one, "tcp4 unspec connect 127.0.0.9 $", "unspec ok; connect ok",
       "127.0.0.25"},
      {differs, "TCP", one, "tcp4 connect 127.0.0.9 $ unspec local connect 127.0.0.1 $",
       "connect ok; unspec ok; local 127.0.0.25; connect ok", "127.0.0.25 127.0.0.25"},
      {same, "to another rule", one + "; bind 127.0.0.26 to 127.0.0.1",
       "tcp4 connect 127.0.0.9 $ unspec connect 127.0.0.1 $", "connect ok; unspec ok; connect ok",
       "127.0.0.25 127.0.0.26"},
      {differs, "UDP", one + " proto udp", "udp4 connect 127.0.0.9 $ unspec local",
       "connect ok; unspec ok; local 127.0.0.25 unbound", ""},
  });
}

TEST_CASE("connecting, connected or listening") {
  check({
      {same, "connected", v4, "tcp4 connect 127.0.0.1 $ connect 127.0.0.1 $",
       "connect ok; connect EISCONN", "127.0.0.25"},
      {same, "connected by itself", "bind 127.0.0.25 to 127.0.0.9",
       "tcp4 connect 127.0.0.1 $ connect 127.0.0.9 $", "connect ok; connect EISCONN", "127.0.0.1"},
      {same, "listening", v4, "tcp4 bind 0.0.0.0 0 listen connect 127.0.0.1 $",
       "bind ok; listen ok; connect EISCONN", ""},
  });
}

TEST_CASE("no port is left") {
  const std::string one = "tcp4 connect 127.0.0.1 $ ";
  world::enter();
  const Group group;
  world::Listener listener;
  const world::Sysctl range("net/ipv4/ip_local_port_range", "50000 50001");
  attach(group, v4 + " else direct", listener);
  CHECK(run_inside(group, one + one + one, listener).out ==
        "connect ok; connect ok; connect EADDRNOTAVAIL");
  CHECK(listener.peers() == "127.0.0.25 127.0.0.25");
}

TEST_CASE("the source is not on this node") {
  const std::string gone = "bind 192.0.2.25 2001:db8::25 to 127.0.0.0/8, fd00::/16";
  check({
      {same, "the next of a list", "bind 192.0.2.25, 127.0.0.26 to 127.0.0.0/8",
       "tcp4 connect 127.0.0.1 $", "connect ok", "127.0.0.26"},
      {same, "the next of a list, sendto", "bind 192.0.2.25, 127.0.0.26 to 127.0.0.0/8",
       "tcp4 sendto 127.0.0.1 $", "sendto ok", "127.0.0.26"},
      {same, "refuse", gone, "tcp4 connect 127.0.0.1 $ local",
       "connect EADDRNOTAVAIL; local 0.0.0.0 unbound", ""},
      {same, "refuse, mapped", gone, "tcp6 connect ::ffff:127.0.0.1 $", "connect EADDRNOTAVAIL",
       ""},
      {same, "refuse, IPv6", gone, "tcp6 connect fd00::10 $", "connect EADDRNOTAVAIL", ""},
      {same, "direct", gone + " else direct", "tcp4 connect 127.0.0.1 $", "connect ok",
       "127.0.0.1"},
      {same, "direct, IPv6", gone + " else direct", "tcp6 connect fd00::10 $", "connect ok",
       "fd00::10"},
      {same, "UDP", gone + " proto udp", "udp4 connect 127.0.0.1 $", "connect EADDRNOTAVAIL", ""},
      {differs, "IP_FREEBIND", gone + " else direct", "tcp4 freebind connect 127.0.0.1 $",
       "connect ENETUNREACH", ""},
      {differs, "IP_FREEBIND, IPv6", gone, "tcp6 freebind nonblock connect fd00::10 $ local",
       "connect EINPROGRESS; local 2001:db8::25", ""},
  });
  const world::Sysctl nonlocal4("net/ipv4/ip_nonlocal_bind", "1");
  const world::Sysctl nonlocal6("net/ipv6/ip_nonlocal_bind", "1");
  check({
      {same, "IPv4, ip_nonlocal_bind, here", v4, "tcp4 connect 127.0.0.1 $", "connect ok",
       "127.0.0.25"},
      {differs, "IPv4, ip_nonlocal_bind", gone, "tcp4 connect 127.0.0.1 $", "connect ENETUNREACH",
       ""},
      {differs, "IPv4, ip_nonlocal_bind, a list", "bind 192.0.2.25, 127.0.0.26 to 127.0.0.0/8",
       "tcp4 connect 127.0.0.1 $", "connect ENETUNREACH", ""},
      {same, "IPv6, ip_nonlocal_bind", gone, "tcp6 connect fd00::10 $", "connect EADDRNOTAVAIL",
       ""},
      {differs, "IPv6, ip_nonlocal_bind, here", v6, "tcp6 connect fd00::10 $",
       "connect EADDRNOTAVAIL", ""},
  });
}

TEST_CASE("bind fails for another reason") {
  check({
      {differs, "V6ONLY and a mapped destination", v4, "tcp6 v6only connect ::ffff:127.0.0.1 $",
       "connect EADDRNOTAVAIL", ""},
      {same, "... else direct", v4 + " else direct", "tcp6 v6only connect ::ffff:127.0.0.1 $",
       "connect ENETUNREACH", ""},
  });
}

TEST_CASE("refuse") {
  check({
      {same, "refuse", "refuse to 127.0.0.0/8", "tcp4 connect 127.0.0.1 $", "connect ECONNREFUSED",
       ""},
      {same, "IPv6", "refuse to fd00::/16", "tcp6 connect fd00::10 $", "connect ECONNREFUSED", ""},
      {same, "any protocol", "refuse to 127.0.0.0/8 proto any", "udp4 connect 127.0.0.1 $",
       "connect ECONNREFUSED", ""},
      {differs, "a connected socket", "refuse to 127.0.0.9",
       "tcp4 connect 127.0.0.1 $ connect 127.0.0.9 $", "connect ok; connect EISCONN", "127.0.0.1"},
  });
}

TEST_CASE("what the kernel refuses itself") {
  check({
      {same, "closed", v4, "closed connect 127.0.0.1 $", "connect EBADF", ""},
      {same, "no socket", v4, "file connect 127.0.0.1 $", "connect ENOTSOCK", ""},
      {same, "a Unix socket", v4, "unix connect 127.0.0.1 $", "connect EINVAL", ""},
      {same, "IPv6 address, IPv4 socket", v6, "tcp4 connect fd00::10 $", "connect EAFNOSUPPORT",
       ""},
      {same, "IPv4 address, IPv6 socket", v4, "tcp6 connect 127.0.0.1 $", "connect EINVAL", ""},
      {same, "IPv4 address, IPv6 datagram socket", v4 + " proto udp",
       "udp6 connect 127.0.0.1 $ local", "connect ok; local ::ffff:127.0.0.25", ""},
      {same, "short", v4, "tcp4 length 15 127.0.0.1 $", "length EINVAL", ""},
      {same, "long", v4, "tcp4 length 129 127.0.0.1 $", "length EINVAL", ""},
      {same, "128", v4, "tcp4 length 128 127.0.0.1 $", "length ok", "127.0.0.25"},
      {same, "IPv6 of 23", v6, "tcp6 length 23 fd00::10 $", "length EINVAL", ""},
      {same, "IPv6 of 24", v6, "tcp6 length 24 fd00::10 $", "length ok", "fd00::25"},
      {same, "NULL", v4, "tcp4 null", "null EFAULT", ""},
      {same, "the kernel's half", v4, "tcp4 badpointer", "badpointer EFAULT", ""},
      {same, "NULL header", v4, "tcp4 nullmsg", "nullmsg EFAULT", ""},
  });
}

TEST_CASE("a call that fails at once") {
  const std::string one = "bind 127.0.0.25 to 127.0.0.9";
  check({
      {differs, "keeps its source", one, "tcp4 connect 127.0.0.9 1 local",
       "connect ECONNREFUSED; local 127.0.0.25", ""},
      {differs, "for a destination without a rule, too", one,
       "tcp4 connect 127.0.0.9 1 connect 127.0.0.1 $", "connect ECONNREFUSED; connect ok",
       "127.0.0.25"},
      {same, "and is decided anew by a rule", one + "; bind 127.0.0.26 to 127.0.0.1",
       "tcp4 connect 127.0.0.9 1 connect 127.0.0.1 $", "connect ECONNREFUSED; connect ok",
       "127.0.0.26"},
  });
}

TEST_CASE("settings") {
  check({
      {differs, "ports spread", v4 + "; ports spread", "tcp4 connect 127.0.0.1 $ range?",
       "connect ok; range 0", "127.0.0.25"},
      {differs, "IPV6_V6ONLY", v6, "tcp6 connect fd00::10 $ v6only?", "connect ok; v6only 1",
       "fd00::25"},
      {same, "only others", "only other; refuse to 127.0.0.0/8", "tcp4 connect 127.0.0.1 $",
       "connect ok", "127.0.0.1"},
  });
}
