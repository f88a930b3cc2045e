// A program to be looked at: holds a TCP connection until it is ended.
// hold [-b SOURCE] ADDRESS PORT, or hold -l ADDRESS PORT to listen.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#ifdef AS_IF_GO
// What Go's linker writes into each program; it shows nowhere else.
__attribute__((section(".go.buildinfo"), used)) static char go_block[64] =
    "\xff Go buildinf:\x08\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x06go1.19";
#endif

namespace {

sockaddr_in endpoint(const char* address, const char* port) {
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<uint16_t>(std::strtoul(port, nullptr, 10)));
  if (inet_pton(AF_INET, address, &name.sin_addr) != 1) {
    std::exit(2);
  }
  return name;
}

const sockaddr* pointer(const sockaddr_in& name) {
  return reinterpret_cast<const sockaddr*>(&name);
}

int fail(const char* what) {
  std::perror(what);
  return 1;
}

/// Says that everything is in place, and waits for a signal.
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
  const sockaddr_in name = endpoint(argv[argc - 2], argv[argc - 1]);
  const int type = listens ? SOCK_STREAM : SOCK_STREAM | SOCK_NONBLOCK;
  const int descriptor = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  if (listens) {
    if (bind(descriptor, pointer(name), sizeof name) != 0 || listen(descriptor, 16) != 0) {
      return fail("listen");
    }
    return hold();
  }
  if (binds) {
    const sockaddr_in source = endpoint(argv[2], "0");
    if (bind(descriptor, pointer(source), sizeof source) != 0) {
      return fail("bind");
    }
  }
  if (connect(descriptor, pointer(name), sizeof name) != 0 && errno != EINPROGRESS) {
    return fail("connect");
  }
  return hold();
}
