#include "tests/conformance/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <utility>

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

namespace {

/// The value of an option of SOL_SOCKET, or -1.
int option_of(int fd, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

}  // namespace

bool is_mptcp(int fd) {
  return option_of(fd, SO_PROTOCOL) == mptcp;
}

void close_at_once(int fd) {
  const linger at_once = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(fd);
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
    if (is_source_of_rules(name)) {
      saw_source();
      check_rule(fd);
    }
    text += is_over(fd) ? "over" : shown(name, length);
  }
  length = sizeof name;
  text += "; peer ";
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&name), &length) != 0) {
    text += name_of_error(errno);
  } else {
    text += shown(name, length);
    // In step, marks a peer that is the rules' source address, which shown() does not distinguish
    // from loopback.
    const Socket* socket = find(fd);
    const bool is_accepted = socket != nullptr && socket->accepted;
    if (compared_ == Compared::in_step && !is_accepted && is_source_of_rules(name)) {
      text += " (source)";
    }
  }
  pollfd ready = {fd, POLLOUT, 0};
  poll(&ready, 1, 0);
  return joined(text, "; tcp ", tcp_state(fd), "; poll ", ready.revents);
}

std::string Sockets::history(int fd) const {
  std::string words;
  const auto note = [&words](bool is_so, const char* word) {
    if (is_so) words += words.empty() ? word : joined(" ", word);
  };
  const int type = option_of(fd, SO_TYPE);
  note(type == SOCK_DGRAM, "datagram");
  note(type == SOCK_RAW, "raw");
  note(is_mptcp(fd), "mptcp");
  int v6only = 0;
  socklen_t length = sizeof v6only;
  note(getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, &length) == 0 && v6only == 1, "v6only");
  const Socket* socket = find(fd);
  note(socket != nullptr && socket->matched, "matched");
  note(socket != nullptr && socket->named, "named");
  sockaddr_storage name = {};
  length = sizeof name;
  note(
      getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) == 0 && is_source_of_rules(name),
      "source");
  return words;
}

bool Sockets::is_over(int fd) const {
  if (!leaves_out() || tcp_state(fd) != TCP_CLOSE) return false;
  const Socket* socket = find(fd);
  return socket != nullptr && socket->tried;
}

bool Sockets::is_undone(int fd) const {
  if (!leaves_out() || tcp_state(fd) != TCP_CLOSE) return false;
  const Socket* socket = find(fd);
  return socket != nullptr && socket->undone;
}

void Sockets::note_no_port(int fd, bool value) {
  if (Socket* socket = find(fd)) socket->no_port = value;
}

void Sockets::settle(int fd, Use use, const Name& destination, long result, int error) {
  Socket* socket = find(fd);
  if (socket == nullptr) return;
  if (use != Use::sends && is_matched(destination)) socket->matched = true;
  // The library can move a datagram socket each time it is connected, but not a raw socket. The
  // kernel's rules move no socket that has a port.
  const bool is_judged_again =
      option_of(fd, SO_TYPE) == SOCK_DGRAM && (leaves_out() || rules_ == Rules::any_or_refuse);
  const bool first = is_judged_again || !(tcp_state(fd) == 0 ? socket->tried : socket->began);
  socket->tried = true;
  if (result < 0 && error != EINPROGRESS && error != EALREADY && error != EISCONN) {
    if (use != Use::sends) note_failure(*socket, fd, destination, error);
    return;
  }
  socket->began = true;
  // Otherwise the socket was connected or connecting before, and the call failed nevertheless
  // (EPIPE).
  const bool begins = result >= 0 || error == EINPROGRESS;
  if (use != Use::sends && first && begins) check_source(*socket, fd, use, destination);
  if (destination.text.find(joined(" ", full_port)) != std::string::npos) socket->hangs = true;
  if (socket->hangs || tcp_state(fd) != TCP_SYN_SENT) return;
  pollfd ready = {fd, POLLOUT, 0};
  socket->hangs = poll(&ready, 1, 300) == 0;
}

void Sockets::note_failure(Socket& socket, int fd, const Name& destination, int error) {
  const bool own_address = socket.named && (socket.no_port || is_mptcp(fd));
  if (is_matched(destination)) {
    socket.undone = true;
    if (own_address) socket.stuck = true;
  } else if ((socket.undone || own_address) && error == ECONNREFUSED) {
    socket.stuck = true;
  }
}

void Sockets::check_source(const Socket& socket, int fd, Use use, const Name& destination) const {
  if (rules_ == Rules::none || socket.named || !is_matched(destination)) return;
  if (tcp_state(fd) == 0 && (rules_ == Rules::tcp || use == Use::opens)) return;
  sockaddr_storage name = {};
  socklen_t length = sizeof name;
  getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length);
  if (name.ss_family != AF_INET && name.ss_family != AF_INET6) return;
  // The kernel does not bind a raw IPv6 socket to an IPv4 address (rawv6_bind() in net/ipv6/raw.c).
  // Rules in the kernel do not apply to raw sockets.
  const bool is_raw = option_of(fd, SO_TYPE) == SOCK_RAW;
  if (is_raw && compared_ == Compared::in_step) return;
  if (is_raw && name.ss_family == AF_INET6 && is_ipv4(name)) return;
  if (!is_source_of_rules(name)) {
    std::fprintf(stderr, "wrong source: %d %s to %s\n", fd, shown(name, length).c_str(),
                 destination.text.c_str());
  }
}

void Sockets::check_rule(int fd) const {
  const Socket* socket = find(fd);
  if (compared_ == Compared::afterwards || socket == nullptr || socket->accepted) return;
  const int type = option_of(fd, SO_TYPE);
  if (socket->matched && (type == SOCK_STREAM || (type == SOCK_DGRAM && rules_ != Rules::tcp))) {
    return;
  }
  std::fprintf(stderr, "wrong source: %d has that of a rule that does not match\n", fd);
}

void Sockets::note_named(int fd) {
  if (Socket* socket = find(fd)) socket->named = true;
}

void Sockets::note_accepted(int fd) {
  note_named(fd);
  if (Socket* socket = find(fd)) socket->accepted = true;
}

bool Sockets::keeps_source(int fd, const Name& destination) const {
  const Socket* socket = find(fd);
  if (!leaves_out() || rules_ != Rules::any_protocol || socket == nullptr || !socket->tried ||
      tcp_state(fd) != 0) {
    return false;
  }
  if (destination.storage.ss_family == AF_UNSPEC) return true;
  if (!socket->named && is_wildcard(destination.storage)) return true;
  sockaddr_storage name = {};
  socklen_t length = sizeof name;
  return getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) == 0 &&
         is_loopback_ipv6(name) && is_ipv4(destination.storage);
}

void Sockets::note_end(int fd) {
  if (!leaves_out() || tcp_state(fd) != TCP_CLOSE) return;
  const Socket* socket = find(fd);
  if (socket != nullptr && (socket->began || socket->stuck)) {
    let_go(static_cast<size_t>(socket - sockets_.data()));
  }
}

void Sockets::drop(int fd) {
  const Socket* socket = find(fd);
  if (socket == nullptr) return;
  const linger at_once = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  let_go(static_cast<size_t>(socket - sockets_.data()));
}

void Sockets::let_go(size_t socket) {
  std::erase_if(descriptors_, [&](const Descriptor& descriptor) {
    if (descriptor.socket != socket) return false;
    close(descriptor.fd);
    return true;
  });
}

}  // namespace clusterbind::test
