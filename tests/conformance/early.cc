// A library that only connects in its constructor. If it comes before ours in LD_PRELOAD, our own
// constructor has not run yet at that time.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace {

[[gnu::constructor]] void connect_early() {
  const char* port = std::getenv("EARLY_PORT");
  if (port == nullptr) return;  // there is no listener yet
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<uint16_t>(std::atoi(port)));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) std::_Exit(99);
  close(fd);
}

}  // namespace
