// Counts the system calls of a connection with strace(1).
#include <fstream>
#include <sstream>

#include "tests/catch.h"
#include "tests/preload/world.h"

namespace {

/// The system calls before the last connect(2), beginning with the socket(2) that made its
/// descriptor.
std::string calls_before_connect(const std::string& rules, const std::string& kind) {
  world::Listener listener;
  world::Folder folder;
  const world::Output output =
      world::run({"/usr/bin/strace", "-f", "-qq", "-o", folder.path("trace"), "-E",
                  std::string("LD_PRELOAD=") + LIBRARY, "-E", "CLUSTERBIND_RULES=" + rules, SUBJECT,
                  kind, "connect", "127.0.0.1", listener.port()},
                 {});
  INFO(output.error);
  REQUIRE(output.out == "connect ok");
  std::ifstream trace(folder.path("trace"));
  std::string calls;
  std::string all;
  bool asking = false;
  for (std::string line; std::getline(trace, line);) {
    const size_t name = line.find_first_not_of(' ', line.find(' '));  // after the process id
    if (name == line.npos) continue;
    const std::string call = line.substr(name, line.find('(') - name);
    // Once a second the library checks for non-local bind, on a descriptor of its own.
    if (line.find("SOCK_DGRAM|SOCK_CLOEXEC") != line.npos) asking = true;
    if (asking) {
      asking = call != "close";
      continue;
    }
    if (call == "connect" && line.find("127.0.0.1") != line.npos) all = calls;
    const bool socket = call == "socket";
    calls = socket ? "" : calls + (calls.empty() ? "" : " ") + call;
  }
  return all;
}

}  // namespace

TEST_CASE("system calls of a connection") {
  CHECK(calls_before_connect("bind 127.0.0.25 to 10.0.0.0/8", "tcp4").empty());
  CHECK(calls_before_connect("direct to 127.0.0.0/8; bind 127.0.0.25 to 127.0.0.0/8", "tcp4")
            .empty());
  CHECK(calls_before_connect("bind 127.0.0.25 to 127.0.0.0/8", "udp4") == "getsockopt");
  CHECK(calls_before_connect("bind 127.0.0.25 to 127.0.0.0/8", "tcp4") ==
        "getsockopt getsockname setsockopt bind");
  CHECK(calls_before_connect("bind 127.0.0.25 to 127.0.0.0/8 proto any", "tcp4") ==
        "getsockname setsockopt bind");
}
