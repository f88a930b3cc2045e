#include "preload/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <string_view>

#include "config/number.h"
#include "preload/file.h"

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

void set_int_option(int fd, int level, int name, int value) {
  setsockopt(fd, level, name, &value, sizeof value);
}

/// The wildcard address as the socket's own family spells it: `::`, not `::ffff:0.0.0.0`.
Address wildcard(Family socket) {
  return {0, 0, socket};
}

/// net.ipv4.ip_local_port_range, which IPv6 uses too. Where that can't be read (in a chroot, say)
/// all that the kernel may choose from: listen(2) and shutdown(2) free no other port.
PortRange ephemeral_ports() {
  const PortRange any = {1024, 65535};
  char text[32];
  const File file("/proc/sys/net/ipv4/ip_local_port_range");
  const long size = file.error() != 0 ? -1 : file.read(text);
  if (size <= 0) return any;
  const std::string_view line(text, static_cast<size_t>(size));
  const size_t tab = line.find('\t');
  const size_t end = line.find('\n');
  if (end == line.npos || tab > end) return any;
  const long low = read_number({text, tab}, 65535);
  const long high = read_number({text + tab + 1, end - tab - 1}, 65535);
  if (low < 0 || high < 0) return any;
  return {static_cast<uint16_t>(low), static_cast<uint16_t>(high)};
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

int bind_to(int fd, Family socket, const Address& address) {
  if (socket == Family::ipv4) return bind_to_ipv4(fd, static_cast<uint32_t>(address.low));
  sockaddr_in6 name = {};
  name.sin6_family = AF_INET6;
  const auto bytes = ipv6_bytes(address);
  std::memcpy(&name.sin6_addr, bytes.data(), bytes.size());
  return bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ? 0 : errno;
}

bool read_local(const Name& name, Local& local) {
  Target own;
  const auto* address = reinterpret_cast<const sockaddr*>(&name.raw);
  if (!read_target(address, sizeof name.raw, sizeof name.raw, own)) return false;
  local = {own.address, own.port, own.spelled};
  return true;
}

bool is_ip_socket(int fd) {
  const int domain = int_option(fd, SOL_SOCKET, SO_DOMAIN);
  return domain == AF_INET || domain == AF_INET6;
}

Protocol protocol_of(int fd, int value) {
  switch (value) {
    case -1:
    case IPPROTO_TCP:
    case IPPROTO_MPTCP:
      return Protocol::tcp;
    case 0:  // no IP socket, or one that another preload emulates
      return socket_type(fd) == SOCK_STREAM ? Protocol::tcp : Protocol::udp;
    case IPPROTO_UDP:
      return Protocol::udp;
    default:
      return Protocol::other;
  }
}

int socket_type(int fd) {
  return int_option(fd, SOL_SOCKET, SO_TYPE);
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

Release release_port(int fd, uint16_t port) {
  const uint8_t state = tcp_state(fd);
  if (state == 0) return Release::impossible;
  if (state != TCP_CLOSE) return Release::busy;
  if (int_option(fd, SOL_SOCKET, SO_REUSEPORT) != 0) return Release::impossible;
  const PortRange ephemeral = ephemeral_ports();
  if (port < ephemeral.low || port > ephemeral.high) return Release::impossible;
  if (listen(fd, 0) != 0 || shutdown(fd, SHUT_RD) != 0) return Release::impossible;
  return Release::done;
}

bool kernel_has_an_answer(int fd, int error, const Target& target) {
  const uint8_t state = tcp_state(fd);
  if (state != 0 && state != TCP_CLOSE) return true;
  if (error != EINVAL && error != EAFNOSUPPORT && error != EBADF && error != ENOTSOCK) return false;
  Name name;
  Local now;
  if ((read_name(fd, name) != 0 || !read_local(name, now)) && !is_ip_socket(fd)) return true;
  return target.address.family == Family::ipv4 && v6only(fd) == 1;
}

}  // namespace clusterbind
