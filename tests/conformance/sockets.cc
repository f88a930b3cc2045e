#include "tests/conformance/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <utility>

#include "tests/conformance/names.h"

namespace clusterbind::test {

std::string name_of_error(int error) {
  if (error == untouched) return "untouched";
  const char* name = strerrorname_np(error);
  return name == nullptr ? std::to_string(error) : name;
}

int tcp_state(int fd) {
  uint8_t value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &value, &size) != 0) return 0;
  return value == TCP_FIN_WAIT1 ? int{TCP_FIN_WAIT2} : int{value};
}

const Sockets::Socket* Sockets::find(int fd) const {
  for (const Descriptor& descriptor : descriptors_) {
    if (descriptor.fd == fd) return &sockets_[descriptor.socket];
  }
  return nullptr;
}

Sockets::Socket* Sockets::find(int fd) {
  return const_cast<Socket*>(std::as_const(*this).find(fd));
}

void Sockets::keep(int fd) {
  if (fd < 0) return;
  descriptors_.push_back({fd, sockets_.size()});
  sockets_.push_back({});
  // A connection that is never answered must not take a minute.
  const timeval most = {0, 40000};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
}

void Sockets::keep_duplicate(size_t of, int fd) {
  if (fd >= 0) descriptors_.push_back({fd, descriptors_[of].socket});
}

int Sockets::close_at(size_t index) {
  const int result = close(descriptors_[index].fd);
  descriptors_.erase(descriptors_.begin() + static_cast<std::ptrdiff_t>(index));
  return result;
}

std::string Sockets::state(int fd) {
  sockaddr_storage name = {};
  socklen_t length = sizeof name;
  std::string text = "; local ";
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) != 0) {
    text += name_of_error(errno);
  } else {
    if (is_source_of_rules(name)) saw_source();
    text += is_over(fd) ? "over" : shown(name, length);
  }
  length = sizeof name;
  text += "; peer ";
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&name), &length) != 0) {
    text += name_of_error(errno);
  } else {
    text += shown(name, length);
  }
  pollfd ready = {fd, POLLOUT, 0};
  poll(&ready, 1, 0);
  return joined(text, "; tcp ", tcp_state(fd), "; poll ", ready.revents);
}

bool Sockets::is_over(int fd) const {
  if (!forget_ || tcp_state(fd) != TCP_CLOSE) return false;
  const Socket* socket = find(fd);
  return socket != nullptr && socket->tried;
}

void Sockets::settle(int fd, long result, int error, const std::string& destination) {
  Socket* socket = find(fd);
  if (socket == nullptr) return;
  socket->tried = true;
  if (result < 0 && error != EINPROGRESS && error != EALREADY && error != EISCONN) return;
  socket->began = true;
  if (destination.find(joined(" ", full_port)) != destination.npos) socket->hangs = true;
  if (socket->hangs || tcp_state(fd) != TCP_SYN_SENT) return;
  pollfd ready = {fd, POLLOUT, 0};
  socket->hangs = poll(&ready, 1, 300) == 0;
}

void Sockets::note_end(int fd) {
  if (!forget_ || tcp_state(fd) != TCP_CLOSE) return;
  const Socket* socket = find(fd);
  if (socket != nullptr && socket->began) let_go(static_cast<size_t>(socket - sockets_.data()));
}

void Sockets::let_go(size_t socket) {
  std::erase_if(descriptors_, [&](const Descriptor& descriptor) {
    if (descriptor.socket != socket) return false;
    close(descriptor.fd);
    return true;
  });
}

}  // namespace clusterbind::test
