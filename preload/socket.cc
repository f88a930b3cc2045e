#include "preload/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cstring>
#include <string_view>

#include "config/number.h"
#include "preload/file.h"

namespace clusterbind {
namespace {

void set_int_option(int fd, int level, int name, int value) {
  kernel::setsockopt(fd, level, name, &value, sizeof value);
}

/// The wildcard address of the socket's own family: for IPv6 `::`, not `::ffff:0.0.0.0`.
Address wildcard(Family socket) {
  return {0, 0, socket};
}

/// net.ipv4.ip_local_port_range, which IPv6 uses too. If that cannot be read (in a chroot, say),
/// all ports that the kernel could choose: listen(2) and shutdown(2) do not free others.
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
  return kernel::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &state, &size) == 0 ? state : 0;
}

/// The name of the device that a socket is bound to (SO_BINDTODEVICE, socket(7)); size 0 if it is
/// not. Not the number of the device: SO_BINDTOIFINDEX needs Linux 5.0.
struct Device {
  explicit Device(int fd) {
    if (kernel::getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &size) != 0) size = 0;
  }

  char name[16];  // IFNAMSIZ
  socklen_t size = sizeof name;
};

constexpr int spread_range = static_cast<int>(1U | 65535U << 16);

}  // namespace

SocketName::SocketName(Family socket, const Address& address, uint16_t port) {
  if (socket == Family::ipv4) {
    auto& name = reinterpret_cast<sockaddr_in&>(raw);
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(static_cast<uint32_t>(address.low));
    size = sizeof name;
    return;
  }
  raw.sin6_family = AF_INET6;
  raw.sin6_port = htons(port);
  const auto bytes = ipv6_bytes(address);
  std::memcpy(&raw.sin6_addr, bytes.data(), bytes.size());
  size = sizeof raw;
}

int bind_to_ipv6(int fd, const Address& address, uint16_t port) {
  const SocketName name(Family::ipv6, address, port);
  return kernel::bind(fd, &name.raw, name.size) == 0 ? 0 : errno;
}

bool read_endpoint(const Name& name, Endpoint& endpoint) {
  Target own;
  const auto* address = reinterpret_cast<const sockaddr*>(&name.raw);
  if (!read_target(address, sizeof name.raw, sizeof name.raw, own)) return false;
  endpoint = {own.address, own.port, own.spelled};
  return true;
}

bool is_ip_socket(int fd) {
  const int domain = int_option(fd, SOL_SOCKET, SO_DOMAIN);
  constexpr int smc = 43;  // AF_SMC, whose sockets show the addresses of the IP sockets inside them
  return domain == AF_INET || domain == AF_INET6 || domain == smc;
}

bool spread_ports(int fd) {
  const int range = int_option(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE);
  if (range == 0) set_int_option(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, spread_range);
  return range == 0;
}

void unspread_ports(int fd) {
  if (int_option(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE) != spread_range) return;
  set_int_option(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, 0);
}

bool is_bound_to_device(int fd) {
  return Device(fd).size > 0;
}

void dissolve(int fd) {
  sockaddr unspecified = {};
  unspecified.sa_family = AF_UNSPEC;
  kernel::connect(fd, &unspecified, sizeof unspecified);
}

void unbind(int fd, Family socket) {
  if (bind_to(fd, socket, wildcard(socket)) == 0) return;
  if (socket_type(fd) != SOCK_DGRAM) return;
  const Device device(fd);
  dissolve(fd);
  if (device.size > 0) {
    kernel::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device.name, device.size);
  }
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

void bind_own(int fd, const Endpoint& own, uint16_t port) {
  const bool any = is_wildcard(own.address);
  bind_to(fd, own.socket_family, any ? wildcard(own.socket_family) : own.address, port);
}

void forget_no_port(int fd) {
  set_int_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 0);
}

bool is_ephemeral(uint16_t port) {
  const PortRange range = ephemeral_ports();
  return range.low <= port && port <= range.high;
}

bool is_busy(int fd) {
  const uint8_t state = tcp_state(fd);
  return state != 0 && state != TCP_CLOSE;
}

Release release_port(int fd, uint16_t port) {
  const uint8_t state = tcp_state(fd);
  if (state == 0) return Release::impossible;
  if (state != TCP_CLOSE) return Release::busy;
  if (int_option(fd, SOL_SOCKET, SO_REUSEPORT) != 0) return Release::impossible;
  if (!is_ephemeral(port)) return Release::impossible;
  if (kernel::listen(fd, 0) != 0 || kernel::shutdown(fd, SHUT_RD) != 0) return Release::impossible;
  return Release::done;
}

bool kernel_has_an_answer(int fd, int error, const Target& target) {
  if (is_busy(fd)) return true;
  if (error != EINVAL && error != EAFNOSUPPORT && error != EBADF && error != ENOTSOCK) return false;
  Name name;
  Endpoint now;
  if ((read_name(fd, name) != 0 || !read_endpoint(name, now)) && !is_ip_socket(fd)) return true;
  return target.address.family == Family::ipv4 && v6only(fd) == 1;
}

}  // namespace clusterbind
