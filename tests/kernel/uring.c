// Connects to a port of 127.0.0.1 by io_uring(7): the kernel makes the connection, and no call of
// connect(2) is to be seen. uring PORT
// 69: this kernel has no io_uring, or does not let us.
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static char* map(int ring, size_t size, long offset) {
  return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, offset);
}

int main(int count, char** words) {
  if (count != 2) return 64;
  struct sockaddr_in to = {.sin_family = AF_INET};
  to.sin_port = htons((unsigned short)atoi(words[1]));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  struct io_uring_params facts = {0};
  const int ring = (int)syscall(SYS_io_uring_setup, 4, &facts);
  if (ring < 0) return 69;
  char* const sent = map(ring, facts.sq_off.array + facts.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
  char* const done = map(ring, facts.cq_off.cqes + facts.cq_entries * sizeof(struct io_uring_cqe),
                         IORING_OFF_CQ_RING);
  struct io_uring_sqe* const entry =
      (struct io_uring_sqe*)map(ring, facts.sq_entries * sizeof *entry, IORING_OFF_SQES);
  if (sent == MAP_FAILED || done == MAP_FAILED || (void*)entry == MAP_FAILED) return 69;

  entry->opcode = IORING_OP_CONNECT;
  entry->fd = socket(AF_INET, SOCK_STREAM, 0);
  entry->addr = (unsigned long)&to;
  entry->off = sizeof to;
  // By a worker of the kernel's, not in this call.
  entry->flags = IOSQE_ASYNC;
  *(unsigned*)(sent + facts.sq_off.array) = 0;
  __atomic_store_n((unsigned*)(sent + facts.sq_off.tail), 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1) return 69;
  const struct io_uring_cqe* const answer = (struct io_uring_cqe*)(done + facts.cq_off.cqes);
  return answer->res == 0 ? 0 : 1;
}
