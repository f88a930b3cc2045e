// A program for any libc. It connects to a listener in every possible way, and prints where the
// listener saw each connection come from. Programs that it starts get an empty environment, and
// connect to the same listener.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

static struct sockaddr_in to = {.sin_family = AF_INET};
static char* again[] = {NULL, "connect", NULL, NULL};  // this program and the port
static char* nothing[] = {NULL};
static const char* way;

static int tcp(void) {
  return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}
static int is(const char* name) {
  return strcmp(way, name) == 0;
}

static void* call(void* name) {
  const int fd = tcp();
  struct iovec data = {"x", 1};
  struct mmsghdr message = {.msg_hdr = {&to, sizeof to, &data, 1}};
  if (name == NULL) {
    connect(fd, (struct sockaddr*)&to, sizeof to);
  } else if (is("sendto")) {
    sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr*)&to, sizeof to);
  } else if (is("sendmsg")) {
    sendmsg(fd, &message.msg_hdr, MSG_FASTOPEN);
  } else {
    sendmmsg(fd, &message, 1, MSG_FASTOPEN);
  }
  close(fd);
  return NULL;
}

// These functions return only if they fail.
static void start(void) {
  if (is("execve")) execve(again[0], again, nothing);
  if (is("execvpe")) execvpe(again[0], again, nothing);
  if (is("execle")) execle(again[0], again[0], again[1], again[2], (char*)NULL, nothing);
  if (is("fexecve")) fexecve(open(again[0], O_RDONLY | O_CLOEXEC), again, nothing);
  clearenv();
  if (is("execv")) execv(again[0], again);
  if (is("execvp")) execvp(again[0], again);
  if (is("execl")) execl(again[0], again[0], again[1], again[2], (char*)NULL);
  if (is("execlp")) execlp(again[0], again[0], again[1], again[2], (char*)NULL);
}

static void* wait_in_connect(void* address) {
  connect(*(int*)address, (struct sockaddr*)((int*)address + 1), sizeof to);
  return NULL;
}

// Cancels a thread that waits in connect(2), because the listener's queue is full. The listener
// does not accept the connection, so the kernel is asked for its address.
static void cancel(void) {
  struct {
    int fd;
    struct sockaddr_in to;
  } shared = {tcp(), to};
  const int full = tcp();
  socklen_t size = sizeof shared.to;
  pthread_t thread;
  void* result = NULL;
  shared.to.sin_port = 0;
  bind(full, (struct sockaddr*)&shared.to, size);
  getsockname(full, (struct sockaddr*)&shared.to, &size);
  listen(full, 0);
  for (int i = 0; i < 4; ++i) {
    const int one = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    connect(one, (struct sockaddr*)&shared.to, sizeof to);
  }
  pthread_create(&thread, NULL, wait_in_connect, &shared);
  // The socket gets its address a moment before the thread waits.
  struct sockaddr_in from = {0};
  for (int tries = 0; tries < 100 && from.sin_addr.s_addr == 0; ++tries) {
    usleep(100000);
    size = sizeof from;
    getsockname(shared.fd, (struct sockaddr*)&from, &size);
  }
  pthread_cancel(thread);
  pthread_join(thread, &result);
  getsockname(shared.fd, (struct sockaddr*)&from, &size);
  printf("cancel %s\n", result == PTHREAD_CANCELED ? inet_ntoa(from.sin_addr) : "not cancelled");
}

static void go(void) {
  pthread_t thread;
  pid_t child = 0;
  if (is("thread")) {
    pthread_create(&thread, NULL, call, NULL);
    pthread_join(thread, NULL);
  } else if (is("fork")) {
    if ((child = fork()) == 0) _exit(call(NULL) != NULL);
  } else if (is("vfork")) {
    if ((child = vfork()) == 0) _exit(execve(again[0], again, nothing));
  } else if (is("posix_spawn")) {
    posix_spawn(&child, again[0], NULL, NULL, again, nothing);
  } else if (is("posix_spawnp")) {
    posix_spawnp(&child, again[0], NULL, NULL, again, nothing);
  } else if (strstr(way, "exec") != NULL) {
    if ((child = fork()) == 0) {
      start();
      _exit(1);
    }
  } else {
    call(is("connect") ? NULL : (void*)(uintptr_t)way);
  }
  if (child > 0) waitpid(child, NULL, 0);
}

int main(int count, char** words) {
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (count == 3) {
    to.sin_port = htons((uint16_t)atoi(words[2]));
    call(NULL);
    return 0;
  }
  const int listener = tcp();
  const int queue = 5;
  socklen_t size = sizeof to;
  char port[8];
  bind(listener, (struct sockaddr*)&to, sizeof to);
  getsockname(listener, (struct sockaddr*)&to, &size);
  setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof queue);
  listen(listener, 9);
  snprintf(port, sizeof port, "%d", ntohs(to.sin_port));
  again[0] = words[0];
  again[2] = port;
  setvbuf(stdout, NULL, _IONBF, 0);
  static const char* const ways[] = {
      "connect", "sendto",  "sendmsg", "sendmmsg", "thread", "fork",    "cancel",      "connect",
      "execve",  "execv",   "execvp",  "execvpe",  "execl",  "execle",  "execlp",      "fexecve",
      "vfork",   "posix_spawn", "posix_spawnp"};
  for (unsigned i = 0; i < sizeof ways / sizeof *ways; ++i) {
    way = ways[i];
    if (is("cancel")) {
      cancel();
      continue;
    }
    go();
    struct pollfd arrival = {listener, POLLIN, 0};
    struct sockaddr_in peer = {0};
    size = sizeof peer;
    if (poll(&arrival, 1, 5000) == 1) close(accept(listener, (struct sockaddr*)&peer, &size));
    printf("%s %s\n", way, inet_ntoa(peer.sin_addr));
  }
  return 0;
}
