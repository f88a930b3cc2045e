#include "preload/presence.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

#include "preload/clock.h"
#include "preload/socket.h"

namespace clusterbind {
namespace {

/// 240.0.0.1 (reserved, RFC 1112) and 100::1 (discard-only, RFC 6666).
constexpr Address held_by_none[] = {{0, 0xf0000001, Family::ipv4},
                                    {uint64_t{0x0100} << 48, 1, Family::ipv6}};

/// What was last learned of one family: the second, and the answer in the lowest bit; 0: nothing
/// yet.
constinit std::atomic<int64_t> bind_of_anything[2] = {0, 0};

bool bind_takes_anything(Family family) {
  const int64_t known =
      bind_of_anything[static_cast<unsigned>(family)].load(std::memory_order_relaxed);
  return known >> 1 == now_s() ? (known & 1) != 0 : learn_bind_of_anything(family);
}

/// A datagram socket of our own. Opened, connected and closed with syscall(2), which is no
/// cancellation point: a cancelled thread leaves no descriptor behind.
class Probe {
 public:
  explicit Probe(Family family)
      : family_(family),
        fd_(static_cast<int>(syscall(SYS_socket, family == Family::ipv4 ? AF_INET : AF_INET6,
                                     SOCK_DGRAM | SOCK_CLOEXEC, 0))) {}
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
  ~Probe() {
    if (fd_ >= 0) syscall(SYS_close, fd_);
  }

  bool open() const { return fd_ >= 0; }
  bool binds(const Address& address) const {
    ask_for_no_port(fd_);
    return bind_to(fd_, family_, address) == 0;
  }

  bool has_for_its_own(const Address& address) const {
    constexpr uint16_t discard = 9;  // any port does
    long connected;
    if (family_ == Family::ipv4) {
      sockaddr_in name = {};
      name.sin_family = AF_INET;
      name.sin_port = htons(discard);
      name.sin_addr.s_addr = htonl(static_cast<uint32_t>(address.low));
      connected = syscall(SYS_connect, fd_, &name, sizeof name);
    } else {
      sockaddr_in6 name = {};
      name.sin6_family = AF_INET6;
      name.sin6_port = htons(discard);
      const auto bytes = ipv6_bytes(address);
      std::memcpy(&name.sin6_addr, bytes.data(), bytes.size());
      connected = syscall(SYS_connect, fd_, &name, sizeof name);
    }
    Name name;
    Local local;
    return connected == 0 && read_name(fd_, name) == 0 && read_local(name, local) &&
           local.address == address;
  }

 private:
  Family family_;
  int fd_;
};

}  // namespace

bool learn_bind_of_anything(Family family) {
  const auto index = static_cast<unsigned>(family);
  const Probe probe(family);
  // Without a descriptor to ask with, what was learned at load must do.
  if (!probe.open()) return (bind_of_anything[index].load(std::memory_order_relaxed) & 1) != 0;
  const bool answer = probe.binds(held_by_none[index]);
  bind_of_anything[index].store(now_s() * 2 + (answer ? 1 : 0), std::memory_order_relaxed);
  return answer;
}

bool is_held(const Address& source) {
  if (!bind_takes_anything(source.family)) return true;
  const Probe probe(source.family);
  // Towards a second IPv4 address of a network, or one of 127.0.0.0/8, the kernel itself chooses
  // another: there the probe asks for it, and connecting from an IPv4 address that is not held
  // fails.
  if (source.family == Family::ipv4 && !probe.binds(source)) return false;
  return probe.open() && probe.has_for_its_own(source);
}

}  // namespace clusterbind
