// Opens one connection and prints what the far end sees of it, or the errno's name:
//   kernel-try DESTINATION PORT [LOCAL-ADDRESS LOCAL-PORT]
// The far end is the same process, with a listening socket that the rules do not affect. The
// program is linked statically, so that no library can be preloaded into it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

struct Name {
  sockaddr_in6 raw = {};
  socklen_t size = sizeof raw;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&raw); }
};

Name read_name(const char* address, const char* port) {
  Name name;
  const auto number = htons(static_cast<uint16_t>(std::atoi(port)));
  if (inet_pton(AF_INET6, address, &name.raw.sin6_addr) == 1) {
    name.raw.sin6_family = AF_INET6;
    name.raw.sin6_port = number;
  } else {
    auto* const four = reinterpret_cast<sockaddr_in*>(&name.raw);
    four->sin_family = AF_INET;
    four->sin_port = number;
    inet_pton(AF_INET, address, &four->sin_addr);
    name.size = sizeof *four;
  }
  return name;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 5) return 64;
  Name to = read_name(argv[1], argv[2]);
  const int listener = socket(to.raw.sin6_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, to.get(), to.size) != 0 || listen(listener, 4) != 0) {
    std::perror("cannot listen");
    return 1;
  }
  const int one = socket(to.raw.sin6_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (argc == 5) {
    Name local = read_name(argv[3], argv[4]);
    if (bind(one, local.get(), local.size) != 0) {
      std::perror("cannot bind");
      return 1;
    }
  }
  if (connect(one, to.get(), to.size) != 0) {
    // There is a listener, so this is not the far end's answer.
    std::puts(errno == ECONNREFUSED ? "ECONNREFUSED by rule" : strerrorname_np(errno));
    return 0;
  }
  Name peer;
  const int accepted = accept(listener, peer.get(), &peer.size);
  if (accepted < 0) return 1;
  char text[INET6_ADDRSTRLEN];
  if (peer.raw.sin6_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in*>(&peer.raw)->sin_addr, text, sizeof text);
  } else if (IN6_IS_ADDR_V4MAPPED(&peer.raw.sin6_addr)) {
    inet_ntop(AF_INET, &peer.raw.sin6_addr.s6_addr[12], text, sizeof text);
  } else {
    inet_ntop(AF_INET6, &peer.raw.sin6_addr, text, sizeof text);
  }
  std::puts(text);
  return 0;
}
