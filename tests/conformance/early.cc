// A library that connects in its constructor, and does nothing else: where ours comes behind it in
// LD_PRELOAD, our own constructor has not run yet.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace {

[[gnu::constructor]] void connect_early() {
  const char* port = std::getenv("EARLY_PORT");
  if (port == nullptr) return;  // the listener is not there yet
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<uint16_t>(std::atoi(port)));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) std::_Exit(99);
  close(fd);
}

}  // namespace
