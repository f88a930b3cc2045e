// Makes random calls on sockets and prints what each returned and what the sockets are afterwards:
// driver SEED CALLS [forget]. The same seed gives the same calls, so two traces differ only where
// the kernel's answers, or a preloaded library's, do. Runs in a network namespace of its own.
//
// `forget`: lets go of a TCP socket whose connection is over. A socket that was bound for the
// program keeps its source address then (LIMITS in libclusterbind(8)), so under rules that match
// the traces of such a socket must be allowed to differ from the plain ones.
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/conformance/names.h"
#include "tests/support/network.h"

namespace clusterbind::test {
namespace {

constexpr int untouched = 4321;  // errno before each call: no error has this number

/// Several descriptors may be one socket (dup).
struct Descriptor {
  int fd;
  size_t socket;
};

struct Socket {
  bool began = false;  // a connection was begun or made
  bool hangs = false;  // ... and will not be answered
  bool tried = false;  // so that the library may have bound the socket
};

int listener(int family, uint16_t port, int backlog) {
  const int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in6 name = {};
  if (family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  name.sin6_family = static_cast<sa_family_t>(family);
  name.sin6_port = htons(port);
  const socklen_t length = family == AF_INET6 ? sizeof name : sizeof(sockaddr_in);
  if (bind(fd, reinterpret_cast<sockaddr*>(&name), length) != 0 || listen(fd, backlog) != 0) {
    cannot_run("no listener");
  }
  return fd;
}

/// A listener whose queue is full: a connection to it stays in SYN-SENT.
void full_listener(int family) {
  listener(family, full_port, 0);
  sockaddr_in6 name = {};
  name.sin6_family = static_cast<sa_family_t>(family);
  name.sin6_port = htons(full_port);
  const in6_addr loopback = IN6ADDR_LOOPBACK_INIT;
  if (family == AF_INET6) name.sin6_addr = loopback;
  if (family == AF_INET) name.sin6_flowinfo = htonl(INADDR_LOOPBACK);  // where sin_addr lies
  for (int i = 0; i < 3; ++i) {
    const int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)connect(fd, reinterpret_cast<sockaddr*>(&name),
                  family == AF_INET6 ? sizeof name : sizeof(sockaddr_in));
  }
}

std::string name_of_error(int error) {
  if (error == untouched) return "untouched";
  const char* name = strerrorname_np(error);
  return name == nullptr ? std::to_string(error) : name;
}

class Driver {
 public:
  Driver(uint64_t seed, bool forget) : random_(seed), forget_(forget) {
    listeners_[0] = listener(AF_INET, open_port, 4096);
    listeners_[1] = listener(AF_INET6, open_port, 4096);
    full_listener(AF_INET);
    full_listener(AF_INET6);
    other_files_[0] = -1;
    other_files_[1] = 9999;
    other_files_[2] = open("/dev/null", O_RDWR | O_CLOEXEC);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) cannot_run("no pipe");
    other_files_[3] = ends[1];
  }

  void call() {
    if (descriptors_.size() < 3 || (descriptors_.size() < 10 && random_.chance(6))) {
      return open_socket();
    }
    switch (random_.below(24)) {
      case 0:
      case 1:
      case 2:
        return bind_name();
      case 3:
      case 4:
      case 5:
      case 6:
      case 7:
      case 8:
      case 9:
        return connect_name();
      case 10:
      case 11:
        return send_to();
      case 12:
      case 13:
        return send_message();
      case 14:
        return send_messages();
      case 15:
        return listen_here();
      case 16:
        return shut_down();
      case 17:
        return duplicate();
      case 18:
        return set_option();
      case 19:
      case 20:
        return accept_one();
      case 21:
        return pending_error();
      default:
        return close_one();
    }
  }

  size_t bound() const { return bound_; }

 private:
  /// Mostly a socket of ours; else something that is no socket, or no descriptor.
  int any() {
    if (random_.chance(20)) return random_.pick(other_files_);
    return descriptors_[random_.below(static_cast<uint32_t>(descriptors_.size()))].fd;
  }

  void print(const std::string& what, long result, int error, int fd = -2) {
    std::printf("%s = %ld %s%s\n", what.c_str(), result, name_of_error(error).c_str(),
                fd == -2 ? "" : state(fd).c_str());
    note_end(fd);
  }

  /// What can be seen of a socket. SO_ERROR and IP_BIND_ADDRESS_NO_PORT are left out: reading the
  /// first changes the socket (pending_error() does it as a call of its own), and the second is set
  /// on a socket that was bound for the program (LIMITS).
  std::string state(int fd) {
    sockaddr_storage name = {};
    socklen_t length = sizeof name;
    std::string text = "; local ";
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) != 0) {
      text += name_of_error(errno);
    } else {
      if (is_source_of_rules(name)) ++bound_;
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

  /// Whether a socket that could have been bound for the program is closed: a connection that
  /// failed at once leaves its local address to be seen until the next call, if the kernel chose it
  /// (ours is unbound instead), and one that is over leaves the source address.
  bool is_over(int fd) {
    if (!forget_ || tcp_state(fd) != TCP_CLOSE) return false;
    for (const Descriptor& descriptor : descriptors_) {
      if (descriptor.fd == fd) return sockets_[descriptor.socket].tried;
    }
    return false;
  }

  /// FIN-WAIT-1 counts as FIN-WAIT-2: a delayed acknowledgement is all that lies between them.
  static int tcp_state(int fd) {
    uint8_t value = 0;
    socklen_t size = sizeof value;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &value, &size) != 0) return 0;
    return value == TCP_FIN_WAIT1 ? int{TCP_FIN_WAIT2} : int{value};
  }

  /// Waits for the end of a handshake, so that time has no part in the trace. Once it was waited
  /// for in vain, or is with full_port, it is not waited for again.
  void settle(int fd, long result, int error, const std::string& destination) {
    const bool began = result >= 0 || error == EINPROGRESS || error == EALREADY || error == EISCONN;
    for (const Descriptor& descriptor : descriptors_) {
      if (descriptor.fd != fd) continue;
      Socket& socket = sockets_[descriptor.socket];
      socket.tried = true;
      if (!began) return;
      socket.began = true;
      if (destination.find(joined(" ", full_port)) != destination.npos) socket.hangs = true;
      if (socket.hangs || tcp_state(fd) != TCP_SYN_SENT) return;
      pollfd ready = {fd, POLLOUT, 0};
      socket.hangs = poll(&ready, 1, 300) == 0;
      return;
    }
  }

  void note_end(int fd) {
    if (!forget_ || tcp_state(fd) != TCP_CLOSE) return;
    for (const Descriptor& descriptor : std::vector(descriptors_)) {
      if (descriptor.fd == fd && sockets_[descriptor.socket].began) let_go(descriptor.socket);
    }
  }

  void let_go(size_t socket) {
    std::erase_if(descriptors_, [&](const Descriptor& descriptor) {
      if (descriptor.socket != socket) return false;
      close(descriptor.fd);
      return true;
    });
  }

  void keep(int fd) {
    if (fd < 0) return;
    descriptors_.push_back({fd, sockets_.size()});
    sockets_.push_back({});
    // A connection that is never answered must not take a minute.
    const timeval most = {0, 40000};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  }

  void open_socket() {
    constexpr int families[] = {AF_INET, AF_INET, AF_INET, AF_INET6, AF_INET6, AF_INET6, AF_UNIX};
    constexpr int types[] = {SOCK_STREAM, SOCK_STREAM, SOCK_STREAM, SOCK_STREAM,
                             SOCK_DGRAM,  SOCK_DGRAM,  SOCK_RAW,    SOCK_SEQPACKET};
    // Without MPTCP: the kernel works on its sockets in a thread of its own, so that two plain runs
    // differ. lives.cc has it.
    constexpr int protocols[] = {0, 0, 0, 0, 0, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP};
    const int family = random_.pick(families);
    const int type = random_.pick(types) | (random_.chance(2) ? SOCK_NONBLOCK : 0);
    const int protocol = random_.pick(protocols);
    errno = untouched;
    const int fd = socket(family, type, protocol);
    const int error = errno;
    keep(fd);
    print(joined("socket ", family, " ", type, " ", protocol), fd, error);
  }

  void bind_name() {
    const int fd = any();
    Name name;
    random_local(random_, name);
    // IP_BIND_ADDRESS_NO_PORT is on where the library bound the socket: a later bind to port 0
    // takes its port later (LIMITS), which bind itself and the next bind show.
    if (is_over(fd)) return;
    errno = untouched;
    const int result = bind(fd, name.pointer, name.length);
    print(joined("bind ", fd, " ", name.text), result, errno, fd);
  }

  void connect_name() {
    const int fd = any();
    Name name;
    random_destination(random_, random_.chance(4), name);
    errno = untouched;
    const int result = connect(fd, name.pointer, name.length);
    finish("connect", fd, name, result, errno);
  }

  void finish(const char* what, int fd, const Name& name, long result, int error) {
    settle(fd, result, error, name.text);
    print(joined(what, " ", fd, " ", name.text), result, error, fd);
  }

  int message_flags() {
    constexpr int flags[] = {0, MSG_FASTOPEN, MSG_FASTOPEN, MSG_FASTOPEN | MSG_DONTWAIT};
    return random_.pick(flags) | MSG_NOSIGNAL;
  }

  void send_to() {
    const int fd = any();
    Name name;
    random_destination(random_, false, name);
    const int flags = message_flags();
    errno = untouched;
    const long result = sendto(fd, data_, random_.below(20), flags, name.pointer, name.length);
    finish((flags & MSG_FASTOPEN) != 0 ? "sendto fast" : "sendto", fd, name, result, errno);
  }

  static void fill(Name& name, iovec& data, msghdr& header) {
    header = {};
    header.msg_name = const_cast<sockaddr*>(name.pointer);
    header.msg_namelen = name.length;
    header.msg_iov = &data;
    header.msg_iovlen = 1;
  }

  void send_message() {
    const int fd = any();
    Name name;
    random_destination(random_, false, name);
    const int flags = message_flags();
    iovec data = {data_, random_.below(20)};
    msghdr header;
    fill(name, data, header);
    const bool nowhere = random_.chance(12);
    if (nowhere) name.text += " no header";
    errno = untouched;
    const long result = sendmsg(fd, nowhere ? nullptr : &header, flags);
    finish((flags & MSG_FASTOPEN) != 0 ? "sendmsg fast" : "sendmsg", fd, name, result, errno);
  }

  void send_messages() {
    const int fd = any();
    Name names[2];
    iovec data = {data_, random_.below(20)};
    mmsghdr headers[2] = {};
    for (unsigned i = 0; i < 2; ++i) {
      random_destination(random_, false, names[i]);
      fill(names[i], data, headers[i].msg_hdr);
    }
    const int flags = message_flags();
    const unsigned count = random_.below(3);
    const bool nowhere = random_.chance(12);
    errno = untouched;
    const int result = sendmmsg(fd, nowhere ? nullptr : headers, count, flags);
    const int error = errno;
    if (count > 0) settle(fd, result, error, names[0].text);
    print(joined("sendmmsg ", fd, " ", count, " of ", names[0].text, ", ", names[1].text,
                 nowhere ? " no headers" : "", (flags & MSG_FASTOPEN) != 0 ? " fast" : ""),
          result, error, fd);
  }

  void listen_here() {
    const int fd = any();
    errno = untouched;
    const int result = listen(fd, 64);
    print(joined("listen ", fd), result, errno, fd);
  }

  void shut_down() {
    const int fd = any();
    const int how = static_cast<int>(random_.below(4));
    // A shutdown before the connection is forgotten where the library moves a socket that was bound
    // to the wildcard address, by listen and shutdown (LIMITS).
    if (forget_ && tcp_state(fd) == TCP_CLOSE) return;
    errno = untouched;
    const int result = shutdown(fd, how);
    print(joined("shutdown ", fd, " ", how), result, errno, fd);
  }

  void duplicate() {
    const size_t index = random_.below(static_cast<uint32_t>(descriptors_.size()));
    const Descriptor from = descriptors_[index];
    errno = untouched;
    const int fd = dup(from.fd);
    print(joined("dup ", from.fd), fd, errno);
    if (fd >= 0) descriptors_.push_back({fd, from.socket});
  }

  void set_option() {
    struct Option {
      int level, name;
    };
    constexpr Option options[] = {
        {SOL_SOCKET, SO_REUSEADDR},     {SOL_SOCKET, SO_REUSEPORT},
        {IPPROTO_IPV6, IPV6_V6ONLY},    {IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT},
        {IPPROTO_IP, IP_FREEBIND},      {IPPROTO_TCP, TCP_FASTOPEN_CONNECT},
        {IPPROTO_TCP, TCP_DEFER_ACCEPT}};
    const int fd = any();
    const Option option = random_.pick(options);
    const int value = static_cast<int>(random_.below(2));
    errno = untouched;
    const int result = setsockopt(fd, option.level, option.name, &value, sizeof value);
    print(joined("setsockopt ", fd, " ", option.level, " ", option.name, " ", value), result, errno,
          fd);
  }

  /// The far end's view. From a listener of the program's own the connection is kept.
  void accept_one() {
    const bool fixed = random_.chance(2);
    const int fd = fixed ? random_.pick(listeners_) : any();
    pollfd ready = {fd, POLLIN, 0};
    if (tcp_state(fd) == TCP_LISTEN && poll(&ready, 1, 5) == 0) {
      std::printf("accept %d would wait\n", fd);
      return;
    }
    sockaddr_storage name = {};
    socklen_t length = sizeof name;
    errno = untouched;
    const int result = accept4(fd, reinterpret_cast<sockaddr*>(&name), &length, SOCK_CLOEXEC);
    const int error = errno;
    if (result >= 0 && is_source_of_rules(name)) ++bound_;
    print(joined("accept ", fd, " from ", result < 0 ? "nobody" : shown(name, length)), result,
          error);
    if (fixed && result >= 0) {
      close(result);
    } else {
      keep(result);
      // Accepted, not connected by the library: nothing about it may differ, so never let go.
    }
  }

  void pending_error() {
    const int fd = any();
    int value = -1;
    socklen_t size = sizeof value;
    errno = untouched;
    const int result = getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &size);
    print(joined("error ", fd, " ", value), result, errno, fd);
  }

  void close_one() {
    const size_t index = random_.below(static_cast<uint32_t>(descriptors_.size()));
    const int fd = descriptors_[index].fd;
    errno = untouched;
    const int result = close(fd);
    print(joined("close ", fd), result, errno);
    descriptors_.erase(descriptors_.begin() + static_cast<std::ptrdiff_t>(index));
  }

  Random random_;
  bool forget_;
  std::vector<Descriptor> descriptors_;
  std::vector<Socket> sockets_;
  int listeners_[2] = {};
  int other_files_[4] = {};
  size_t bound_ = 0;
  char data_[32] = {};
};

}  // namespace
}  // namespace clusterbind::test

int main(int argc, char** argv) {
  using namespace clusterbind::test;
  if (argc < 3) return 64;
  signal(SIGPIPE, SIG_IGN);
  enter_own_network();
  Driver driver(std::strtoull(argv[1], nullptr, 10), argc > 3);
  const unsigned long calls = std::strtoul(argv[2], nullptr, 10);
  for (unsigned long i = 0; i < calls; ++i) driver.call();
  // For the caller: how often the source of the rules was seen. Not part of the trace.
  std::fprintf(stderr, "%zu\n", driver.bound());
  return 0;
}
