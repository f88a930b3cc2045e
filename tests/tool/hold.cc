// A program for the tests to examine. It holds a TCP connection until it is ended: hold [-b SOURCE]
// ADDRESS PORT. Or it listens: hold -l ADDRESS PORT.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#ifdef AS_IF_GO
// The block that Go's linker writes into each program; it has no other effect.
__attribute__((section(".go.buildinfo"), used)) static char go_block[64] =
    "\xff Go buildinf:\x08\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x06go1.19";
#endif

namespace {

struct Endpoint {
  sockaddr_storage name = {};
  socklen_t length = 0;

  const sockaddr* pointer() const { return reinterpret_cast<const sockaddr*>(&name); }
};

Endpoint endpoint(const char* address, const char* port) {
  Endpoint result;
  const auto number = htons(static_cast<uint16_t>(std::strtoul(port, nullptr, 10)));
  sockaddr_in ipv4 = {};
  sockaddr_in6 ipv6 = {};
  if (inet_pton(AF_INET, address, &ipv4.sin_addr) == 1) {
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = number;
    result.length = sizeof ipv4;
    std::memcpy(&result.name, &ipv4, sizeof ipv4);
  } else if (inet_pton(AF_INET6, address, &ipv6.sin6_addr) == 1) {
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = number;
    result.length = sizeof ipv6;
    std::memcpy(&result.name, &ipv6, sizeof ipv6);
  } else {
    std::exit(2);
  }
  return result;
}

int fail(const char* what) {
  std::perror(what);
  return 1;
}

/// Prints that everything is ready, and waits for a signal.
int hold() {
  std::puts("ready");
  std::fflush(stdout);
  for (;;) {
    pause();
  }
}

}  // namespace

int main(int argc, char** argv) {
  const bool listens = argc == 4 && std::strcmp(argv[1], "-l") == 0;
  const bool binds = argc == 5 && std::strcmp(argv[1], "-b") == 0;
  if (argc != 3 && !listens && !binds) {
    return 2;
  }
  const Endpoint to = endpoint(argv[argc - 2], argv[argc - 1]);
  const int type = listens ? SOCK_STREAM : SOCK_STREAM | SOCK_NONBLOCK;
  const int descriptor = socket(to.name.ss_family, type | SOCK_CLOEXEC, 0);
  if (listens) {
    if (bind(descriptor, to.pointer(), to.length) != 0 || listen(descriptor, 16) != 0) {
      return fail("listen");
    }
    return hold();
  }
  if (binds) {
    const Endpoint source = endpoint(argv[2], "0");
    if (bind(descriptor, source.pointer(), source.length) != 0) {
      return fail("bind");
    }
  }
  if (connect(descriptor, to.pointer(), to.length) != 0 && errno != EINPROGRESS) {
    return fail("connect");
  }
  return hold();
}
