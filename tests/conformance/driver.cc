// Makes random calls on sockets, and prints the result of each and the state of the sockets
// afterwards: driver SEED CALLS [none|tcp|any [step]]. The same seed gives the same calls, so two
// traces differ only if the kernel's answers, or those of a preloaded library, differ. It runs in a
// network namespace of its own.
//
// `tcp` and `any` are the protocols of rules that match. Sockets that such rules have bound stay
// different in some respects (LIMITS in libclusterbind(8)), so a plain trace for a comparison
// leaves out the same things. With `step` nothing is left out: after each call the driver waits for
// an answer from lockstep.cc.
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/conformance/listeners.h"
#include "tests/conformance/names.h"
#include "tests/conformance/sockets.h"
#include "tests/support/network.h"

namespace clusterbind::test {
namespace {

class Driver {
 public:
  Driver(uint64_t seed, Rules rules, Compared compared)
      : random_(seed),
        rules_(compared == Compared::afterwards ? rules : Rules::none),
        in_step_(compared == Compared::in_step),
        sockets_(rules, compared) {
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
    if (sockets_.count() < 3 || (sockets_.count() < 10 && random_.chance(6))) {
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

  size_t bound() const { return sockets_.bound(); }

 private:
  /// Mostly one of the driver's sockets; sometimes a descriptor of another kind, or none.
  int any() {
    if (random_.chance(20)) return random_.pick(other_files_);
    return sockets_.at(index());
  }

  size_t index() { return random_.below(static_cast<uint32_t>(sockets_.count())); }

  void print(const std::string& what, long result, int error, int fd = -2) {
    say(joined(what, " = ", result, " ", name_of_error(error), fd == -2 ? "" : sockets_.state(fd)),
        fd);
    sockets_.note_end(fd);
  }

  /// Prints a line of the trace. In step, the line begins with what is known about the socket; then
  /// the answer is read, which says whether the socket may be used further.
  void say(const std::string& line, int fd) {
    if (!in_step_) {
      std::printf("%s\n", line.c_str());
      return;
    }
    std::printf("%s\t%s\n", sockets_.history(fd).c_str(), line.c_str());
    std::fflush(stdout);
    const int answer = std::getchar();
    if (answer == EOF) std::exit(0);
    if (answer == drop_socket) drop(fd);
  }

  /// Closes a socket that differs from the one in the other run, and all connections that nobody
  /// has accepted, because one of them may exist in one run only.
  void drop(int fd) {
    sockets_.drop(fd);
    for (const int listener : listeners_) refuse_waiting(listener);
    for (size_t i = 0; i < sockets_.count(); ++i) refuse_waiting(sockets_.at(i));
  }

  static void refuse_waiting(int listener) {
    pollfd ready = {listener, POLLIN, 0};
    while (tcp_state(listener) == TCP_LISTEN && poll(&ready, 1, 0) == 1) {
      const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      close_at_once(fd);
    }
  }

  void open_socket() {
    constexpr int families[] = {AF_INET, AF_INET, AF_INET, AF_INET6, AF_INET6, AF_INET6, AF_UNIX};
    constexpr int types[] = {SOCK_STREAM, SOCK_STREAM, SOCK_STREAM, SOCK_STREAM,
                             SOCK_DGRAM,  SOCK_DGRAM,  SOCK_RAW,    SOCK_SEQPACKET};
    constexpr int protocols[] = {0, 0, 0, 0, 0, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, mptcp};
    const int family = random_.pick(families);
    const int kind = random_.pick(types);
    const int type = kind | (random_.chance(2) ? SOCK_NONBLOCK : 0);
    int protocol = random_.pick(protocols);
    // A raw socket with TCP's number counts as TCP after it has been disconnected (LIMITS): the
    // protocol number, which it shows as its port, is gone then.
    if (rules_ != Rules::none && kind == SOCK_RAW && protocol == IPPROTO_TCP) {
      protocol = IPPROTO_ICMP;
    }
    // A raw socket receives the errors caused by other sockets' packets with the same two
    // addresses. With the rules' source address these are different packets, which nobody rejects.
    if (rules_ == Rules::any_protocol && kind == SOCK_RAW && protocol != IPPROTO_TCP) {
      protocol = family == AF_INET6 ? int{IPPROTO_ICMPV6} : int{IPPROTO_ICMP};
    }
    // A raw socket with this number is not an MPTCP socket.
    if (protocol == mptcp && kind != SOCK_STREAM) protocol = 0;
    errno = untouched;
    const int fd = socket(family, type, protocol);
    const int error = errno;
    sockets_.keep(fd);
    print(joined("socket ", family, " ", type, " ", protocol), fd, error);
  }

  void bind_name() {
    const int fd = any();
    Name name;
    random_local(random_, name);
    // If the library has bound the socket, IP_BIND_ADDRESS_NO_PORT is on: a later bind to port 0
    // then gets its port later (LIMITS), which is visible in that bind and in the next one.
    if (sockets_.is_over(fd)) return;
    errno = untouched;
    const int result = bind(fd, name.pointer, name.length);
    const int error = errno;
    if (result == 0) sockets_.note_named(fd);
    print(joined("bind ", fd, " ", name.text), result, error, fd);
  }

  void connect_name() {
    const int fd = any();
    Name name;
    random_destination(random_, random_.chance(4), name);
    if (sockets_.keeps_source(fd, name)) return;
    errno = untouched;
    const int result = connect(fd, name.pointer, name.length);
    finish("connect", Use::connects, fd, name, result, errno);
  }

  void finish(const char* what, Use use, int fd, const Name& name, long result, int error) {
    sockets_.settle(fd, use, name, result, error);
    print(joined(what, " ", fd, " ", name.text), result, error, fd);
  }

  int message_flags() {
    constexpr int flags[] = {0, MSG_FASTOPEN, MSG_FASTOPEN, MSG_FASTOPEN | MSG_DONTWAIT};
    return random_.pick(flags) | MSG_NOSIGNAL;
  }

  static Use use_of(int flags) { return (flags & MSG_FASTOPEN) != 0 ? Use::opens : Use::sends; }

  void send_to() {
    const int fd = any();
    Name name;
    random_destination(random_, false, name);
    const int flags = message_flags();
    if (sockets_.keeps_source(fd, name)) return;
    errno = untouched;
    const long result = sendto(fd, data_, random_.below(20), flags, name.pointer, name.length);
    finish((flags & MSG_FASTOPEN) != 0 ? "sendto fast" : "sendto", use_of(flags), fd, name, result,
           errno);
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
    if (sockets_.keeps_source(fd, name)) return;
    errno = untouched;
    const long result = sendmsg(fd, nowhere ? nullptr : &header, flags);
    finish((flags & MSG_FASTOPEN) != 0 ? "sendmsg fast" : "sendmsg", use_of(flags), fd, name,
           result, errno);
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
    if (sockets_.keeps_source(fd, names[0]) || sockets_.keeps_source(fd, names[1])) return;
    errno = untouched;
    const int result = sendmmsg(fd, nowhere ? nullptr : headers, count, flags);
    const int error = errno;
    if (count > 0) sockets_.settle(fd, use_of(flags), names[0], result, error);
    print(joined("sendmmsg ", fd, " ", count, " of ", names[0].text, ", ", names[1].text,
                 nowhere ? " no headers" : "", (flags & MSG_FASTOPEN) != 0 ? " fast" : ""),
          result, error, fd);
  }

  void listen_here() {
    const int fd = any();
    if (sockets_.is_undone(fd)) return;
    errno = untouched;
    const int result = listen(fd, 64);
    const int error = errno;
    if (result == 0) sockets_.note_named(fd);
    print(joined("listen ", fd), result, error, fd);
  }

  void shut_down() {
    const int fd = any();
    const int how = static_cast<int>(random_.below(4));
    // If the library moves a socket that was bound to the wildcard address, it uses listen and
    // shutdown, and an earlier shutdown of the program has no effect any more (LIMITS).
    if (rules_ != Rules::none && tcp_state(fd) == TCP_CLOSE) return;
    // The kernel shuts down MPTCP in a thread of its own, so even two plain runs differ.
    if (is_mptcp(fd)) return;
    errno = untouched;
    const int result = shutdown(fd, how);
    print(joined("shutdown ", fd, " ", how), result, errno, fd);
  }

  void duplicate() {
    const size_t from = index();
    errno = untouched;
    const int fd = dup(sockets_.at(from));
    print(joined("dup ", sockets_.at(from)), fd, errno);
    sockets_.keep_duplicate(from, fd);
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
    // If a connection that the rules match has failed, the socket has its port again that the
    // kernel chose when the program bound it. Without the library, the kernel has released that
    // port if the connection was refused.
    if (sockets_.is_over(fd) && option.name == IPV6_V6ONLY) return;
    errno = untouched;
    const int result = setsockopt(fd, option.level, option.name, &value, sizeof value);
    if (option.name == IP_BIND_ADDRESS_NO_PORT) sockets_.note_no_port(fd, value == 1);
    print(joined("setsockopt ", fd, " ", option.level, " ", option.name, " ", value), result, errno,
          fd);
  }

  /// Accepts a connection and prints what the far end sees. A connection to one of the program's
  /// own listeners is kept.
  void accept_one() {
    const bool fixed = random_.chance(2);
    const int fd = fixed ? random_.pick(listeners_) : any();
    pollfd ready = {fd, POLLIN, 0};
    if (tcp_state(fd) == TCP_LISTEN && poll(&ready, 1, 20) == 0) {
      return say(joined("accept ", fd, " would wait"), -2);
    }
    sockaddr_storage name = {};
    socklen_t length = sizeof name;
    errno = untouched;
    const int result = accept4(fd, reinterpret_cast<sockaddr*>(&name), &length, SOCK_CLOEXEC);
    const int error = errno;
    if (result >= 0 && is_source_of_rules(name)) sockets_.saw_source();
    print(joined("accept ", fd, " from ", result < 0 ? "nobody" : shown(name, length)), result,
          error);
    if (fixed && result >= 0) {
      close(result);
    } else {
      sockets_.keep(result);
      sockets_.note_accepted(result);
      // The library does not affect accepted sockets, so they must not differ, and are never left
      // out.
    }
  }

  void pending_error() {
    const int fd = any();
    int value = -1;
    socklen_t size = sizeof value;
    errno = untouched;
    const int result = getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &size);
    print(joined("error ", fd), result == 0 ? value : result, errno, fd);
  }

  void close_one() {
    const size_t which = index();
    const int fd = sockets_.at(which);
    errno = untouched;
    const int result = sockets_.close_at(which);
    print(joined("close ", fd), result, errno);
  }

  Random random_;
  Rules rules_;  // what may differ under them is left out
  bool in_step_;
  Sockets sockets_;
  int listeners_[2] = {};
  int other_files_[4] = {};
  char data_[32] = {};
};

}  // namespace
}  // namespace clusterbind::test

int main(int argc, char** argv) {
  using namespace clusterbind::test;
  if (argc < 3) return 64;
  signal(SIGPIPE, SIG_IGN);
  enter_own_network();
  const std::string protocol = argc > 3 ? argv[3] : "";
  const Rules rules = protocol == "tcp"      ? Rules::tcp
                      : protocol == "any"    ? Rules::any_protocol
                      : protocol == "refuse" ? Rules::any_or_refuse
                                             : Rules::none;
  Driver driver(std::strtoull(argv[1], nullptr, 10), rules,
                argc > 4 ? Compared::in_step : Compared::afterwards);
  const unsigned long calls = std::strtoul(argv[2], nullptr, 10);
  for (unsigned long i = 0; i < calls; ++i) driver.call();
  // For the caller, not part of the trace: how often a socket had the rules' source address.
  std::fprintf(stderr, "bound %zu\n", driver.bound());
  return 0;
}
