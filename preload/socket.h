// What we ask the kernel about a socket, and what we tell it. Every function may change errno.
#pragma once

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "config/rule.h"
#include "preload/source.h"
#include "preload/target.h"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

namespace clusterbind {

/// What getsockname(2) says, as it says it: names of other families are longer, and cut.
struct Name {
  sockaddr_in6 raw;

  /// Whether it is of an IPv4 socket that has no address and no port yet.
  bool is_fresh_ipv4() const {
    constexpr struct {
      sa_family_t family;
      in_port_t port;
      uint32_t address;
    } fresh = {AF_INET, 0, 0};
    return std::memcmp(&raw, &fresh, sizeof fresh) == 0;
  }
};

/// Asks for the name of a socket. Returns 0, or the errno.
inline int read_name(int fd, Name& name) {
  socklen_t size = sizeof name.raw;
  return getsockname(fd, reinterpret_cast<sockaddr*>(&name.raw), &size) == 0 ? 0 : errno;
}

/// The local address that a name says. False where it is none of an IP socket.
bool read_local(const Name& name, Local& local);

/// Whether the descriptor is an IP socket, by SO_DOMAIN (socket(7)): what its name can't tell where
/// getsockname(2) fails.
bool is_ip_socket(int fd);

/// An int option (getsockopt(2)), or -1.
inline int int_option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  getsockopt(fd, level, name, &value, &size);  // leaves the value where it fails
  return value;
}

/// What a value of SO_PROTOCOL other than TCP means; tcp where the kernel doesn't say.
Protocol protocol_of(int fd, int value);

/// What the socket speaks (SO_PROTOCOL, socket(7)); MPTCP is tcp.
inline Protocol read_protocol(int fd) {
  const int value = int_option(fd, SOL_SOCKET, SO_PROTOCOL);
  return value == IPPROTO_TCP ? Protocol::tcp : protocol_of(fd, value);
}

/// SO_TYPE, or -1.
int socket_type(int fd);

/// bind(2) an AF_INET socket to an IPv4 address in host byte order, with a port of the kernel's
/// choice. Returns 0 or the errno.
inline int bind_to_ipv4(int fd, uint32_t address) {
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(address);
  return bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ? 0 : errno;
}

/// The same for a socket of either family.
int bind_to(int fd, Family socket, const Address& address);

/// Sets IP_BIND_ADDRESS_NO_PORT (ip(7)): no port is taken before the destination is known. Refused
/// by kernels before 4.2 only: there the port is chosen by bind, the address is the same.
inline void ask_for_no_port(int fd) {
  constexpr int on = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
}

/// Lets the kernel search the whole ephemeral range step by step: IP_LOCAL_PORT_RANGE 1 to 65535.
/// Kernels before 6.3 do not know it.
void spread_ports(int fd);

/// IPV6_V6ONLY: binding to an IPv6 address sets it (__inet6_bind() in net/ipv6/af_inet6.c), so it
/// is read before and set back when the binding is undone. -1 where there is no such option.
int v6only(int fd);
void set_v6only(int fd, int value);

/// Whether the socket speaks MPTCP, which keeps the address of a connect that failed for its name,
/// or is a raw one of its number.
bool is_mptcp(int fd);

/// Takes the source address off a socket that has no port: it is unbound again. A datagram socket
/// whose connect failed has got a port, and is dissolved from it first (connect(2), AF_UNSPEC).
void unbind(int fd, Family socket);

/// Binds to the program's own address again, without a port.
void bind_own(int fd, const Local& own);

/// Takes IP_BIND_ADDRESS_NO_PORT back from a socket that had a port of its own.
void forget_no_port(int fd);

enum class Release : uint8_t {
  done,        // bind may be called again
  busy,        // connecting, connected or listening: the kernel has its own answer
  impossible,  // a fixed port, SO_REUSEPORT, or no TCP socket
};

/// Gives back the port that the kernel chose for a bound, closed TCP socket: listen(2) and
/// shutdown(2), which leave it closed and unbound (inet_shutdown() in net/ipv4/af_inet.c).
Release release_port(int fd, uint16_t port);

/// Whether the kernel has an answer of its own to the connect, for which the `error` of our bind(2)
/// must not stand in: the socket is connecting, connected or listening, or it must be refused there
/// as well.
bool kernel_has_an_answer(int fd, int error, const Target& target);

}  // namespace clusterbind
