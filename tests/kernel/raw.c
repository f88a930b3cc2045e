// Connects to a port of 127.0.0.1 by system calls of its own, as programs in Go do, whatever libc
// they are linked with: raw PORT
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int count, char** words) {
  if (count != 2) return 64;
  struct sockaddr_in to = {.sin_family = AF_INET};
  to.sin_port = htons((unsigned short)atoi(words[1]));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const long fd = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
  return syscall(SYS_connect, fd, &to, sizeof to) == 0 ? 0 : 1;
}
