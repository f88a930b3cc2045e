#include "tests/conformance/listeners.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/conformance/names.h"
#include "tests/support/network.h"

namespace clusterbind::test {

int listener(int family, uint16_t port, int backlog) {
  const int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in6 name = {};
  if (family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  name.sin6_family = static_cast<sa_family_t>(family);
  name.sin6_port = htons(port);
  const socklen_t length = family == AF_INET6 ? sizeof name : sizeof(sockaddr_in);
  if (bind(fd, reinterpret_cast<sockaddr*>(&name), length) != 0 || listen(fd, backlog) != 0) {
    cannot_run("no listener");
  }
  return fd;
}

void full_listener(int family) {
  listener(family, full_port, 0);
  sockaddr_in6 name = {};
  name.sin6_family = static_cast<sa_family_t>(family);
  name.sin6_port = htons(full_port);
  const in6_addr loopback = IN6ADDR_LOOPBACK_INIT;
  if (family == AF_INET6) name.sin6_addr = loopback;
  if (family == AF_INET) name.sin6_flowinfo = htonl(INADDR_LOOPBACK);  // at the place of sin_addr
  for (int i = 0; i < 3; ++i) {
    const int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)connect(fd, reinterpret_cast<sockaddr*>(&name),
                  family == AF_INET6 ? sizeof name : sizeof(sockaddr_in));
  }
}

}  // namespace clusterbind::test
