#include "tests/kernel/worker.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace clusterbind::test {
namespace {

constexpr Bytes mapped_wildcard = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// Makes the socket that the task asks for; returns -1 with errno set on failure.
int prepare(const Task& task) {
  const int fd = socket(task.family, task.type | SOCK_CLOEXEC, task.protocol);
  const linger at_once = {1, 0};  // no TIME-WAIT
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  // A destination that never answers must not take a minute. A destination on loopback answers
  // before connect(2) starts to wait.
  const timeval most = {0, 20000};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
  if (fd < 0 || task.bound == Bound::no) return fd;
  const int on = 1;
  if (task.bound == Bound::to_address_without_port) {
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  }
  const bool is_ipv4 = horrible_is_mapped(task.destination);
  const Bytes wildcard = is_ipv4 ? mapped_wildcard : Bytes{};
  SocketName local =
      name_of(task.bound == Bound::to_wildcard ? wildcard : task.local, 0, task.family);
  if (bind(fd, local.get(), local.length) == 0) return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

Outcome attempt(const Task& task, int& fd) {
  Outcome outcome;
  fd = prepare(task);
  if (fd < 0) {
    outcome.error = errno;
    return outcome;
  }
  outcome.is_prepared = true;
  SocketName to = name_of(task.destination, task.port, task.family);
  if (connect(fd, to.get(), to.length) != 0) {
    outcome.error = errno;
  } else if (task.type == SOCK_DGRAM) {
    (void)!send(fd, "", 1, MSG_NOSIGNAL);
  }
  SocketName local;
  local.length = sizeof local.raw;
  getsockname(fd, local.get(), &local.length);
  outcome.local = bytes_of(local);
  return outcome;
}

}  // namespace

SocketName name_of(const Bytes& address, uint16_t port, int family) {
  SocketName name;
  if (family == AF_INET) {
    auto* const four = reinterpret_cast<sockaddr_in*>(&name.raw);
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    std::memcpy(&four->sin_addr, &address[12], 4);
    name.length = sizeof *four;
  } else {
    name.raw.sin6_family = AF_INET6;
    name.raw.sin6_port = htons(port);
    std::memcpy(&name.raw.sin6_addr, address.data(), 16);
    name.length = sizeof name.raw;
  }
  return name;
}

Bytes bytes_of(const SocketName& name) {
  Bytes bytes{};
  if (name.raw.sin6_family == AF_INET) {
    bytes[10] = bytes[11] = 0xff;
    std::memcpy(&bytes[12], &reinterpret_cast<const sockaddr_in*>(&name.raw)->sin_addr, 4);
  } else {
    std::memcpy(bytes.data(), &name.raw.sin6_addr, 16);
  }
  return bytes;
}

Worker::Worker(const std::string& program, const std::string& group) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::runtime_error("no pair of sockets");
  }
  process_ = fork();
  if (process_ == 0) {
    if (!group.empty()) {
      const int list = open((group + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
      if (write(list, "0", 1) != 1) _exit(1);
    }
    dup2(ends[1], 0);
    execl(program.c_str(), program.c_str(), "worker", nullptr);
    _exit(1);
  }
  close(ends[1]);
  channel_ = ends[0];
}

Worker::~Worker() {
  close(channel_);
  waitpid(process_, nullptr, 0);
}

Outcome Worker::run(const Task& task) const {
  Outcome outcome;
  if (send(channel_, &task, sizeof task, MSG_NOSIGNAL) != sizeof task ||
      recv(channel_, &outcome, sizeof outcome, 0) != sizeof outcome) {
    throw std::runtime_error("a worker has ended");
  }
  return outcome;
}

int work() {
  int fd = -1;
  Task task;
  while (recv(0, &task, sizeof task, 0) == sizeof task) {
    if (fd >= 0) close(fd);
    const Outcome outcome = attempt(task, fd);
    if (send(0, &outcome, sizeof outcome, MSG_NOSIGNAL) != sizeof outcome) return 1;
  }
  return 0;
}

}  // namespace clusterbind::test
