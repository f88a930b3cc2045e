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

/// The name of one end of a socket: its own, or its peer's.
struct Local {
  Address address;
  uint16_t port = 0;
  Family socket = Family::ipv4;  // the family of the socket itself
};

/// A name as the kernel writes it: those of other families are longer, and cut.
struct Name {
  sockaddr_in6 raw;

  /// Whether it is of an IPv4 socket that has no address and no port yet, as most are.
  bool is_fresh_ipv4() const {
    constexpr struct {
      sa_family_t family;
      in_port_t port;
      uint32_t address;
    } fresh = {AF_INET, 0, 0};
    return std::memcmp(&raw, &fresh, sizeof fresh) == 0;
  }

  /// Of the socket, if it is an IP socket.
  Family family() const { return raw.sin6_family == AF_INET ? Family::ipv4 : Family::ipv6; }
};

/// Asks for the name of a socket (getsockname(2)). Returns 0, or the errno.
inline int read_name(int fd, Name& name) {
  socklen_t size = sizeof name.raw;
  return kernel::getsockname(fd, &name.raw, &size) == 0 ? 0 : errno;
}

/// The same of its peer (getpeername(2)).
inline int read_peer(int fd, Name& name) {
  socklen_t size = sizeof name.raw;
  return kernel::getpeername(fd, &name.raw, &size) == 0 ? 0 : errno;
}

/// What a name says. False where it is none of an IP socket.
bool read_local(const Name& name, Local& local);

/// A name for the kernel to read, as a socket of this family has it: an IPv4 address is mapped on
/// an IPv6 socket.
struct SocketName {
  SocketName(Family socket, const Address& address, uint16_t port);

  sockaddr_in6 raw = {};
  socklen_t size;
};

/// Whether the descriptor is an IP socket, by SO_DOMAIN (socket(7)): asked when getsockname(2)
/// has failed.
bool is_ip_socket(int fd);

/// An int option (getsockopt(2)), or -1.
inline int int_option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  kernel::getsockopt(fd, level, name, &value, &size);  // leaves the value where it fails
  return value;
}

/// What a value of SO_PROTOCOL and one of SO_TYPE mean (-1: not known) for the rules. MPTCP and SMC
/// are tcp; SMC sockets of AF_SMC show 0 and 1 (net/smc/smc.h). Where the kernel tells neither,
/// tcp: what comes next will show.
constexpr Protocol protocol_of(int protocol, int type) {
  switch (protocol) {
    case IPPROTO_TCP:
    case IPPROTO_MPTCP:
    case IPPROTO_SMC:
      return Protocol::tcp;
    case IPPROTO_UDP:
      return Protocol::udp;
    case -1:  // before Linux 2.6.32, or where a filter forbids the question
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

/// What the socket speaks (SO_PROTOCOL, socket(7)).
inline Protocol read_protocol(int fd) {
  const int value = int_option(fd, SOL_SOCKET, SO_PROTOCOL);
  if (value == IPPROTO_TCP) return Protocol::tcp;
  const bool type_decides = value >= -1 && value <= 1;
  return protocol_of(value, type_decides ? socket_type(fd) : -1);
}

/// bind(2) an AF_INET socket to an IPv4 address in host byte order. Port 0: the kernel chooses.
/// Returns 0 or the errno.
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

/// Sets IP_BIND_ADDRESS_NO_PORT (ip(7)): no port is taken before the destination is known. False
/// where the kernel does not know it (before 4.2): there bind chooses the port.
inline bool ask_for_no_port(int fd) {
  constexpr int on = 1;
  return kernel::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == 0;
}

/// Takes it back from a socket that had a port of its own.
void forget_no_port(int fd);

/// Lets the kernel search the whole ephemeral range step by step: IP_LOCAL_PORT_RANGE 1 to 65535
/// (ip(7), Linux 6.3). False where the program has set a range itself, or there is no such option.
bool spread_ports(int fd);

/// Takes that range back, if it is ours.
void unspread_ports(int fd);

/// IPV6_V6ONLY (ipv6(7)); -1 where there is no such option. Binding to an IPv6 address sets it
/// (__inet6_bind() in net/ipv6/af_inet6.c). It can be set while the socket has no port.
int v6only(int fd);
void set_v6only(int fd, int value);

/// Whether the socket speaks MPTCP, which keeps the address of a connect that failed for its name,
/// or is a raw one of its number.
bool is_mptcp(int fd);

/// Whether the socket is bound to a device (SO_BINDTODEVICE, socket(7)).
bool is_bound_to_device(int fd);

/// connect(2) with AF_UNSPEC: dissolves a datagram socket from its peer, and takes off it the
/// address and the port that no bind(2) asked for. It would forget SO_BINDTODEVICE, too.
void dissolve(int fd);

/// Takes the source address off a socket that has no port: it is unbound again. A datagram socket
/// whose connect failed has got a port, and is dissolved first.
void unbind(int fd, Family socket);

/// Binds to the program's own address again.
void bind_own(int fd, const Local& own, uint16_t port = 0);

/// Whether the kernel may have chosen a port: net.ipv4.ip_local_port_range, which IPv6 uses too.
[[gnu::cold]] bool is_ephemeral(uint16_t port);

enum class Release : uint8_t {
  done,        // bind may be called again
  busy,        // connecting, connected or listening: the kernel has its own answer
  impossible,  // a fixed port, SO_REUSEPORT, or no TCP socket
};

/// Gives back the port that the kernel chose for a bound, closed TCP socket: listen(2) and
/// shutdown(2), which leave it closed and unbound (inet_shutdown() in net/ipv4/af_inet.c).
Release release_port(int fd, uint16_t port);

/// Whether a stream socket is connecting, connected or listening.
bool is_busy(int fd);

/// Whether the kernel has an answer of its own to the connect, for which the `error` of our bind(2)
/// must not stand in: the socket is busy, or it must be refused there as well.
bool kernel_has_an_answer(int fd, int error, const Target& target);

}  // namespace clusterbind
