// Connects to its own listener, at port 25 of an address, and prints the source address that the
// listener sees: ways WAY [ADDRESS]
// The ways are connect (libc's function), raw (the system call, as in Go programs), uring
// (io_uring(7), where a kernel thread connects) and fastopen (TCP_FASTOPEN_CONNECT). The program
// works with any libc.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static char* map(int ring, size_t size, long offset) {
  return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, offset);
}

/// Returns 0 on success, and a negative number if this kernel has no io_uring, or if it fails.
static int connect_by_ring(int fd, const struct sockaddr_in* to) {
  struct io_uring_params facts = {0};
  const int ring = (int)syscall(SYS_io_uring_setup, 4, &facts);
  if (ring < 0) return -1;
  char* const sent =
      map(ring, facts.sq_off.array + facts.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
  char* const done = map(ring, facts.cq_off.cqes + facts.cq_entries * sizeof(struct io_uring_cqe),
                         IORING_OFF_CQ_RING);
  struct io_uring_sqe* const entry =
      (void*)map(ring, facts.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
  if (sent == MAP_FAILED || done == MAP_FAILED || (void*)entry == MAP_FAILED) return -2;
  entry->opcode = IORING_OP_CONNECT;
  entry->fd = fd;
  entry->addr = (unsigned long)to;
  entry->off = sizeof *to;
  entry->flags = IOSQE_ASYNC;
  *(unsigned*)(sent + facts.sq_off.array) = 0;
  __atomic_store_n((unsigned*)(sent + facts.sq_off.tail), 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1) return -3;
  return ((const struct io_uring_cqe*)(done + facts.cq_off.cqes))->res;
}

static int connect_by(const char* way, int fd, const struct sockaddr_in* to) {
  const int on = 1;
  if (strcmp(way, "raw") == 0) return (int)syscall(SYS_connect, fd, to, sizeof *to);
  if (strcmp(way, "uring") == 0) return connect_by_ring(fd, to);
  if (strcmp(way, "fastopen") == 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on);
    if (connect(fd, (const struct sockaddr*)to, sizeof *to) != 0) return -1;
    return write(fd, "x", 1) == 1 ? 0 : -1;
  }
  return connect(fd, (const struct sockaddr*)to, sizeof *to);
}

int main(int count, char** words) {
  if (count < 2) return 64;
  struct sockaddr_in to = {0}, from = {0};
  socklen_t size = sizeof from;
  const int on = 1;
  to.sin_family = AF_INET;
  to.sin_port = htons(25);
  inet_pton(AF_INET, count > 2 ? words[2] : "192.0.2.9", &to.sin_addr);
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr*)&to, sizeof to) != 0 || listen(listener, 4) != 0) {
    perror("cannot listen");
    return 1;
  }
  const int result = connect_by(words[1], socket(AF_INET, SOCK_STREAM, 0), &to);
  if (result != 0) {
    printf("failed: %d\n", result);
    return 1;
  }
  accept(listener, (struct sockaddr*)&from, &size);
  puts(inet_ntoa(from.sin_addr));
  return 0;
}
