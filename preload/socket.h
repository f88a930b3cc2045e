// What we ask the kernel about a socket, and what we tell it. Every function may change errno.
#pragma once

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "config/rule.h"
#include "preload/kernel.h"
#include "preload/target.h"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef IPPROTO_SMC
#define IPPROTO_SMC 256
#endif

namespace clusterbind {

/// The address and port of one end of a socket: its own, or its peer's.
struct Endpoint {
  Address address;
  uint16_t port = 0;
  Family socket_family = Family::ipv4;  // IPv6 even if the address is an IPv4-mapped one
};

/// An address and port as getsockname(2) writes them. Those of other families are longer, and cut.
struct Name {
  sockaddr_in6 raw;

  /// Whether this is an IPv4 socket without an address and a port, as most are before connect(2).
  bool is_unbound_ipv4() const {
    constexpr struct {
      sa_family_t family;
      in_port_t port;
      uint32_t address;
    } unbound = {AF_INET, 0, 0};
    return std::memcmp(&raw, &unbound, sizeof unbound) == 0;
  }

  /// The family of the socket, if it is an IP socket.
  Family family() const { return raw.sin6_family == AF_INET ? Family::ipv4 : Family::ipv6; }
};

/// Asks for the local address and port of a socket (getsockname(2)). Returns 0, or the errno.
inline int read_name(int fd, Name& name) {
  socklen_t size = sizeof name.raw;
  return kernel::getsockname(fd, &name.raw, &size) == 0 ? 0 : errno;
}

/// The same for its peer (getpeername(2)).
inline int read_peer(int fd, Name& name) {
  socklen_t size = sizeof name.raw;
  return kernel::getpeername(fd, &name.raw, &size) == 0 ? 0 : errno;
}

/// Reads what getsockname(2) wrote. False if it is not the address of an IP socket.
bool read_endpoint(const Name& name, Endpoint& endpoint);

/// An address and port for the kernel to read, in the form of a socket of this family: for an IPv6
/// socket, an IPv4 address becomes an IPv4-mapped one.
struct SocketName {
  SocketName(Family socket, const Address& address, uint16_t port);

  sockaddr_in6 raw = {};
  socklen_t size;
};

/// Whether the descriptor is an IP socket, by SO_DOMAIN (socket(7)). For use after getsockname(2)
/// has failed.
bool is_ip_socket(int fd);

/// The value of an int option (getsockopt(2)), or -1.
inline int int_option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  kernel::getsockopt(fd, level, name, &value, &size);  // leaves `value` alone if it fails
  return value;
}

/// The protocol of the rules for a value of SO_PROTOCOL and one of SO_TYPE (-1: not known). MPTCP
/// and SMC are tcp; SMC sockets of AF_SMC show 0 and 1 (net/smc/smc.h). If the kernel tells neither
/// value, the answer is tcp: the calls that follow would fail on any other socket.
constexpr Protocol protocol_of(int protocol, int type) {
  switch (protocol) {
    case IPPROTO_TCP:
    case IPPROTO_MPTCP:
    case IPPROTO_SMC:
      return Protocol::tcp;
    case IPPROTO_UDP:
      return Protocol::udp;
    case -1:  // before Linux 2.6.32, or if a filter forbids it
    case 0:
    case 1:
      if (type == SOCK_STREAM || (protocol == -1 && type == -1)) return Protocol::tcp;
      return type == SOCK_DGRAM && protocol != 1 ? Protocol::udp : Protocol::other;
    default:
      return Protocol::other;
  }
}

/// SO_TYPE (socket(7)), or -1.
inline int socket_type(int fd) {
  return int_option(fd, SOL_SOCKET, SO_TYPE);
}

/// The protocol of the socket (SO_PROTOCOL, socket(7)).
inline Protocol read_protocol(int fd) {
  const int value = int_option(fd, SOL_SOCKET, SO_PROTOCOL);
  if (value == IPPROTO_TCP) return Protocol::tcp;
  const bool type_decides = value >= -1 && value <= 1;
  return protocol_of(value, type_decides ? socket_type(fd) : -1);
}

/// Binds an AF_INET socket to an IPv4 address in host byte order (bind(2)). With port 0 the kernel
/// chooses the port. Returns 0 or the errno.
inline int bind_to_ipv4(int fd, uint32_t address, uint16_t port = 0) {
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(address);
  return kernel::bind(fd, &name, sizeof name) == 0 ? 0 : errno;
}

/// The same for an AF_INET6 socket.
int bind_to_ipv6(int fd, const Address& address, uint16_t port);

/// The same for a socket of either family.
inline int bind_to(int fd, Family socket, const Address& address, uint16_t port = 0) {
  if (socket == Family::ipv6) return bind_to_ipv6(fd, address, port);
  return bind_to_ipv4(fd, static_cast<uint32_t>(address.low), port);
}

/// Sets IP_BIND_ADDRESS_NO_PORT (ip(7)): the kernel chooses the port in connect(2), when it knows
/// the destination. False before Linux 4.2, which lacks the option: there bind(2) chooses the port.
inline bool ask_for_no_port(int fd) {
  constexpr int on = 1;
  return kernel::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == 0;
}

/// Clears IP_BIND_ADDRESS_NO_PORT, on a socket that had a port before.
void forget_no_port(int fd);

/// Lets the kernel search the whole ephemeral range step by step: IP_LOCAL_PORT_RANGE 1 to 65535
/// (ip(7), Linux 6.3). False if the program has set a range itself, or there is no such option.
bool spread_ports(int fd);

/// Clears that range, if it is the one that spread_ports() sets.
void unspread_ports(int fd);

/// IPV6_V6ONLY (ipv6(7)), or -1 if the socket has no such option. Binding to an IPv6 address sets
/// it (__inet6_bind() in net/ipv6/af_inet6.c). It can be changed while the socket has no port.
int v6only(int fd);
void set_v6only(int fd, int value);

/// Whether the socket is an MPTCP socket, which keeps the local address of a connect that failed,
/// or a raw socket with MPTCP's protocol number.
bool is_mptcp(int fd);

/// Whether the socket is bound to a device (SO_BINDTODEVICE, socket(7)).
bool is_bound_to_device(int fd);

/// connect(2) with AF_UNSPEC: disconnects a datagram socket, and removes an address and a port that
/// no bind(2) asked for. It clears SO_BINDTODEVICE, too.
void dissolve(int fd);

/// Unbinds a socket that has an address but no port. A datagram socket whose connect failed has got
/// a port; it is disconnected first.
void unbind(int fd, Family socket);

/// Binds to the program's own address again.
void bind_own(int fd, const Endpoint& own, uint16_t port = 0);

/// Whether the kernel may have chosen the port: it is in net.ipv4.ip_local_port_range, which IPv6
/// uses too.
[[gnu::cold]] bool is_ephemeral(uint16_t port);

enum class Release : uint8_t {
  done,        // bind may be called again
  busy,        // connecting, connected or listening: the real call gives the kernel's own answer
  impossible,  // a fixed port, SO_REUSEPORT, or not a TCP socket
};

/// Frees the port that the kernel chose for a bound, closed TCP socket: listen(2) and shutdown(2)
/// leave it closed and unbound (inet_shutdown() in net/ipv4/af_inet.c).
Release release_port(int fd, uint16_t port);

/// Whether a stream socket is connecting, connected or listening.
bool is_busy(int fd);

/// Whether the program must see the kernel's own answer to the connect, not the `error` of our
/// bind(2): because the socket is busy, or because connect(2) will fail as well.
bool kernel_has_an_answer(int fd, int error, const Target& target);

}  // namespace clusterbind
