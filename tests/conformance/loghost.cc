// A /dev/log with a fault: loghost PATH stream|full|slow|read
// It prints "ready" when the socket exists, and ends when its standard input does. With `read` it
// prints what arrives.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>

#include "tests/support/network.h"

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  const std::string kind = argv[2];
  const int type = kind == "stream" ? SOCK_STREAM : SOCK_DGRAM;
  const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  std::strncpy(name.sun_path, argv[1], sizeof name.sun_path - 1);
  unlink(argv[1]);
  if (bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) {
    clusterbind::test::cannot_run("no log socket");
  }
  if (type == SOCK_STREAM) listen(fd, 0);
  if (kind == "full") {
    const int filler = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    while (sendto(filler, "x", 1, 0, reinterpret_cast<sockaddr*>(&name), sizeof name) == 1) {
    }
  }
  std::printf("ready\n");
  std::fflush(stdout);
  pollfd wait[2] = {{0, POLLIN, 0}, {kind == "read" || kind == "slow" ? fd : -1, POLLIN, 0}};
  while (poll(wait, 2, 60000) > 0 && wait[0].revents == 0) {
    char line[2048];
    const ssize_t size = recv(fd, line, sizeof line, 0);
    if (kind == "read" && size > 0) std::printf("%.*s\n", static_cast<int>(size), line);
    std::fflush(stdout);
    if (kind == "slow") usleep(500000);
  }
  return 0;
}
