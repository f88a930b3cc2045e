// What we ask the kernel about a socket, and what we tell it. Every function may change errno.
#pragma once

#include "config/rule.h"
#include "preload/source.h"
#include "preload/target.h"

namespace clusterbind {

/// The local address of an IP socket (getsockname(2)). Returns 0, or the errno; a socket of another
/// family is EAFNOSUPPORT.
int read_local(int fd, Local& local);

/// Whether the descriptor is an IP socket, by SO_DOMAIN (socket(7)): what read_local() can't tell
/// when it fails.
bool is_ip_socket(int fd);

/// What the socket speaks (SO_PROTOCOL, socket(7)); MPTCP is tcp. Left as it is where the kernel
/// doesn't say.
void read_protocol(int fd, Protocol& protocol);

/// SO_TYPE, or -1.
int socket_type(int fd);

/// Sets IP_BIND_ADDRESS_NO_PORT (ip(7)), so that no port is taken before the destination is known,
/// and binds to `source` with port 0. Returns 0 or the errno of bind(2).
int bind_source(int fd, Family socket, const Address& source);

/// Lets the kernel search the whole ephemeral range step by step: IP_LOCAL_PORT_RANGE 1 to 65535.
/// Kernels before 6.3 do not know it.
void spread_ports(int fd);

/// IPV6_V6ONLY: binding to an IPv6 address sets it (__inet6_bind() in net/ipv6/af_inet6.c), so it
/// is read before and set back when the binding is undone. -1 where there is no such option.
int v6only(int fd);
void set_v6only(int fd, int value);

/// Whether the socket speaks MPTCP, which keeps the address of a connect that failed for its name.
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
Release release_port(int fd, uint16_t port, const PortRange& ephemeral);

/// Whether the kernel has an answer of its own to the connect, for which the `error` of our bind(2)
/// must not stand in: the socket is connecting, connected or listening, or it must be refused there
/// as well.
bool kernel_has_an_answer(int fd, int error, const Local& local, const Target& target);

}  // namespace clusterbind
