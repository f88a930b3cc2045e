#include "preload/presence.h"

#include <errno.h>
#include <netinet/in.h>

#include <atomic>

#include "preload/clock.h"
#include "preload/kernel.h"
#include "preload/socket.h"

namespace clusterbind {
namespace {

/// 240.0.0.1 (reserved, RFC 1112) and 100::1 (discard-only, RFC 6666).
constexpr Address held_by_none[] = {{0, 0xf0000001, Family::ipv4},
                                    {uint64_t{0x0100} << 48, 1, Family::ipv6}};

/// What learn_bind_of_anything() last found for each family: the answer in the lowest bit, the
/// second (clock.h) in the others. 0: nothing yet.
constinit std::atomic<int64_t> bind_of_anything[2] = {0, 0};

/// Whether an error of bind(2) or connect(2) means that the node does not hold the address: it says
/// so, or it is that of a route to the address (fib_props in net/ipv4/fib_semantics.c). Other
/// errors do not tell: all ports are taken, or there is no memory, for example.
constexpr bool means_absent(int error) {
  return error == EADDRNOTAVAIL || error == ENETUNREACH || error == EHOSTUNREACH ||
         error == EACCES || error == EINVAL;
}

/// A datagram socket of our own, closed at the end.
class Probe {
 public:
  explicit Probe(Family family)
      : family_(family),
        fd_(kernel::socket(family == Family::ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC,
                           0)) {}
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
  ~Probe() {
    if (fd_ >= 0) kernel::close(fd_);
  }

  bool open() const { return fd_ >= 0; }

  /// Binds to an address (bind(2)). Returns 0 or the errno.
  int bind(const Address& address) const {
    ask_for_no_port(fd_);
    return bind_to(fd_, family_, address);
  }

  /// Connects to an address. Returns 0 if that is then the socket's own address, EADDRNOTAVAIL if
  /// another one is, or the errno of connect(2).
  int meet_itself_at(const Address& address) const {
    constexpr uint16_t discard = 9;  // any port does
    const SocketName name(family_, address, discard);
    if (kernel::connect(fd_, &name.raw, name.size) != 0) return errno;
    Name own;
    Endpoint local;
    const bool met =
        read_name(fd_, own) == 0 && read_endpoint(own, local) && local.address == address;
    return met ? 0 : EADDRNOTAVAIL;
  }

  /// Whether the kernel connects to an address only with SO_BROADCAST (socket(7)). A sandbox that
  /// forbids connect(2) with the same errno forbids it with this option, too.
  bool needs_broadcast(const Address& address) const {
    if (meet_itself_at(address) != EACCES) return false;
    const int on = 1;
    kernel::setsockopt(fd_, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    return meet_itself_at(address) != EACCES;
  }

 private:
  Family family_;
  int fd_;
};

}  // namespace

bool learn_bind_of_anything(Family family) {
  const auto index = static_cast<unsigned>(family);
  const Probe probe(family);
  // If the process has no descriptor left to ask with, the last answer counts, from load time for
  // example. If there is none, bind(2) may take anything.
  if (!probe.open()) {
    const int64_t last = bind_of_anything[index].load(std::memory_order_relaxed);
    return last == 0 || (last & 1) != 0;
  }
  const bool answer = probe.bind(held_by_none[index]) == 0;
  bind_of_anything[index].store(now_s() * 2 + (answer ? 1 : 0), std::memory_order_relaxed);
  return answer;
}

bool bind_takes_anything(int fd, Family family) {
  const int64_t known =
      bind_of_anything[static_cast<unsigned>(family)].load(std::memory_order_relaxed);
  const bool on_every_socket =
      known >> 1 == now_s() ? (known & 1) != 0 : learn_bind_of_anything(family);
  return on_every_socket || int_option(fd, IPPROTO_IP, IP_FREEBIND) == 1;
}

bool is_broadcast_of_node(const Address& source) {
  const Probe probe(Family::ipv4);
  return probe.open() && probe.needs_broadcast(source);
}

Presence presence_of(const Address& source) {
  const Probe probe(source.family);
  if (!probe.open()) return Presence::unknown;
  // If the address is a node's second IPv4 address in a network, or one of 127.0.0.0/8, the kernel
  // chooses another source address for it. So the probe binds to an IPv4 address first; connecting
  // from one that the node does not hold fails.
  const bool asks = source.family == Family::ipv4;
  int error = asks ? probe.bind(source) : 0;
  if (error == 0) error = probe.meet_itself_at(source);
  if (error == 0) return Presence::held;
  return means_absent(error) ? Presence::absent : Presence::unknown;
}

}  // namespace clusterbind
