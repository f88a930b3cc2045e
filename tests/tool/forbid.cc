// Runs a command that cannot make some kinds of sockets, like a service in a sandbox: forbid
// netlink|ipv4|ipv6|bind|connect COMMAND [ARGUMENT...]

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>

#include "tests/support/seccomp.h"

namespace {

using clusterbind::test::refuse;

bool forbid(std::string_view what) {
  if (what == "netlink") return refuse(SYS_socket, EAFNOSUPPORT, {{0, AF_NETLINK, AF_NETLINK}});
  if (what == "ipv4") return refuse(SYS_socket, EAFNOSUPPORT, {{0, AF_INET, AF_INET}});
  if (what == "connect") return refuse(SYS_connect, EACCES);
  if (what == "ipv6") return refuse(SYS_socket, EAFNOSUPPORT, {{0, AF_INET6, AF_INET6}});
  return what == "bind" && refuse(SYS_bind, EPERM);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || !forbid(argv[1])) {
    std::perror("forbid");
    return 125;
  }
  execvp(argv[2], argv + 2);
  std::perror(argv[2]);
  return 127;
}
