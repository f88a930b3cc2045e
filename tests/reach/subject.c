// A program for any libc: connects to a listener of its own by each call that can, and starts
// itself again with an empty environment by fork and exec, and by posix_spawn. It prints where the
// listener saw each connection come from.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

static struct sockaddr_in to = {.sin_family = AF_INET};

static long call(const char* name, int fd) {
  struct iovec data = {"x", 1};
  struct mmsghdr message = {.msg_hdr = {&to, sizeof to, &data, 1}};
  switch (name[4]) {
    case 'e':
      return connect(fd, (struct sockaddr*)&to, sizeof to);
    case 't':
      return sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr*)&to, sizeof to);
    case 'm':
      return name[5] == 's' ? sendmsg(fd, &message.msg_hdr, MSG_FASTOPEN)
                            : sendmmsg(fd, &message, 1, MSG_FASTOPEN);
  }
  return -1;
}

int main(int count, char** words) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const int queue = 5;
  socklen_t size = sizeof to;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(listener, (struct sockaddr*)&to, sizeof to);
  getsockname(listener, (struct sockaddr*)&to, &size);
  setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof queue);
  listen(listener, 9);
  const char* const names[] = {"connect", "sendto", "sendmsg", "sendmmsg"};
  for (int i = 0; i < 4; ++i) {
    struct sockaddr_in peer = {0};
    const long result = call(names[i], socket(AF_INET, SOCK_STREAM, 0));
    size = sizeof peer;
    if (result >= 0) accept(listener, (struct sockaddr*)&peer, &size);
    printf("%s %s\n", names[i], inet_ntoa(peer.sin_addr));
    fflush(stdout);
  }
  if (count > 1) return 0;
  char* environment[] = {NULL};
  char* again[] = {words[0], "again", NULL};
  pid_t child = fork();
  if (child == 0) execve(words[0], again, environment);
  waitpid(child, NULL, 0);
  if (posix_spawn(&child, words[0], NULL, NULL, again, environment) == 0) waitpid(child, NULL, 0);
  return 0;
}
