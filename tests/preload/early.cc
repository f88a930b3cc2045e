// A library that connects in its constructor, before main and before other preloaded libraries are
// initialised.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>

namespace {

[[gnu::constructor]] void connect_early() {
  const char* port = std::getenv("EARLY_PORT");
  if (port == nullptr) return;
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(std::atoi(port)));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  (void)connect(socket(AF_INET, SOCK_STREAM, 0), reinterpret_cast<sockaddr*>(&to), sizeof to);
}

}  // namespace
