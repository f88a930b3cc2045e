#include "preload/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif

namespace clusterbind {
namespace {

/// An int option, or -1.
int int_option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(fd, level, name, &value, &size) == 0 ? value : -1;
}

void set_int_option(int fd, int level, int name, int value) {
  setsockopt(fd, level, name, &value, sizeof value);
}

/// bind(2) to an address with a port of the kernel's choice.
int bind_to(int fd, Family socket, const Address& address) {
  if (socket == Family::ipv4) {
    sockaddr_in ipv4 = {};
    ipv4.sin_family = AF_INET;
    ipv4.sin_addr.s_addr = htonl(static_cast<uint32_t>(address.low));
    return bind(fd, reinterpret_cast<const sockaddr*>(&ipv4), sizeof ipv4);
  }
  sockaddr_in6 ipv6 = {};
  ipv6.sin6_family = AF_INET6;
  const auto bytes = ipv6_bytes(address);
  std::memcpy(&ipv6.sin6_addr, bytes.data(), bytes.size());
  return bind(fd, reinterpret_cast<const sockaddr*>(&ipv6), sizeof ipv6);
}

/// The wildcard address as the socket's own family spells it: `::`, not `::ffff:0.0.0.0`.
Address wildcard(Family socket) {
  return {0, 0, socket};
}

uint8_t tcp_state(int fd) {
  uint8_t state = 0;  // tcpi_state, the first byte of tcp_info; no TCP state is 0
  socklen_t size = sizeof state;
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &state, &size) == 0 ? state : 0;
}

/// connect(2) with AF_UNSPEC also forgets SO_BINDTODEVICE, which is the program's.
void dissolve(int fd) {
  const int device = int_option(fd, SOL_SOCKET, SO_BINDTOIFINDEX);
  sockaddr unspecified = {};
  unspecified.sa_family = AF_UNSPEC;
  syscall(SYS_connect, fd, &unspecified, sizeof unspecified);
  if (device > 0) set_int_option(fd, SOL_SOCKET, SO_BINDTOIFINDEX, device);
}

}  // namespace

int read_local(int fd, Local& local) {
  sockaddr_storage name;
  socklen_t size = sizeof name;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0) return errno;
  Target own;
  if (!read_target(reinterpret_cast<const sockaddr*>(&name), size, address_most, own)) {
    return EAFNOSUPPORT;
  }
  local = {own.address, own.port, own.spelled};
  return 0;
}

bool is_ip_socket(int fd) {
  const int domain = int_option(fd, SOL_SOCKET, SO_DOMAIN);
  return domain == AF_INET || domain == AF_INET6;
}

void read_protocol(int fd, Protocol& protocol) {
  const int value = int_option(fd, SOL_SOCKET, SO_PROTOCOL);
  if (value == 0) {  // no IP socket, or one that another preload emulates
    protocol = socket_type(fd) == SOCK_STREAM ? Protocol::tcp : Protocol::udp;
    return;
  }
  switch (value) {
    case -1:
      break;
    case IPPROTO_TCP:
    case IPPROTO_MPTCP:
      protocol = Protocol::tcp;
      break;
    case IPPROTO_UDP:
      protocol = Protocol::udp;
      break;
    default:
      protocol = Protocol::other;
  }
}

int socket_type(int fd) {
  return int_option(fd, SOL_SOCKET, SO_TYPE);
}

int bind_source(int fd, Family socket, const Address& source) {
  // Refused by kernels before 4.2 only: there the port is chosen by bind, the address is the same.
  set_int_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  return bind_to(fd, socket, source) == 0 ? 0 : errno;
}

void spread_ports(int fd) {
  const uint32_t range = 1U | 65535U << 16;
  setsockopt(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, &range, sizeof range);
}

void unbind(int fd, Family socket) {
  if (bind_to(fd, socket, wildcard(socket)) == 0) return;
  if (socket_type(fd) != SOCK_DGRAM) return;
  dissolve(fd);
  bind_to(fd, socket, wildcard(socket));
}

int v6only(int fd) {
  return int_option(fd, IPPROTO_IPV6, IPV6_V6ONLY);
}

void set_v6only(int fd, int value) {
  set_int_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, value);
}

bool is_mptcp(int fd) {
  return int_option(fd, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_MPTCP;
}

void bind_own(int fd, const Local& own) {
  const bool any = is_wildcard(own.address);
  bind_to(fd, own.socket, any ? wildcard(own.socket) : own.address);
}

void forget_no_port(int fd) {
  set_int_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 0);
}

Release release_port(int fd, uint16_t port, const PortRange& ephemeral) {
  const uint8_t state = tcp_state(fd);
  if (state == 0) return Release::impossible;
  if (state != TCP_CLOSE) return Release::busy;
  if (port < ephemeral.low || port > ephemeral.high) return Release::impossible;
  if (int_option(fd, SOL_SOCKET, SO_REUSEPORT) != 0) return Release::impossible;
  if (listen(fd, 0) != 0 || shutdown(fd, SHUT_RD) != 0) return Release::impossible;
  return Release::done;
}

bool kernel_has_an_answer(int fd, int error, const Local& local, const Target& target) {
  const uint8_t state = tcp_state(fd);
  if (state != 0 && state != TCP_CLOSE) return true;
  if (error != EINVAL && error != EAFNOSUPPORT && error != EBADF && error != ENOTSOCK) return false;
  Local now;
  if (read_local(fd, now) != 0 && !is_ip_socket(fd)) return true;
  const bool mapped = local.socket == Family::ipv6 && target.address.family == Family::ipv4;
  return mapped && v6only(fd) == 1;
}

}  // namespace clusterbind
