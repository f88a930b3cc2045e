// A network namespace with only a loopback device, so that a test neither sees nor disturbs the
// host.
#pragma once

#include <arpa/inet.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace clusterbind::test {

/// The source addresses in the tests' rules. Linux holds all of 127.0.0.0/8; the IPv6 address is
/// added.
constexpr const char* source4 = "127.0.0.25";
constexpr const char* source6 = "fd00:c1::25";

[[noreturn]] inline void cannot_run(const char* what) {
  std::fprintf(stderr, "cannot run: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

inline void raise_loopback() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq device = {};
  std::strcpy(device.ifr_name, "lo");
  device.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
  if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &device) != 0) cannot_run("cannot raise lo");
  close(fd);
}

inline void add_ipv4(const char* address) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq device = {};
  std::strcpy(device.ifr_name, "lo:1");  // in addition to 127.0.0.1
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  inet_pton(AF_INET, address, &name.sin_addr);
  std::memcpy(&device.ifr_addr, &name, sizeof name);
  if (fd < 0 || ioctl(fd, SIOCSIFADDR, &device) != 0) cannot_run("cannot add an IPv4 address");
  close(fd);
}

/// Whether a socket can be bound to the address. The kernel first has to end its tentative state,
/// which takes a moment even if it asks no neighbours.
inline bool is_usable(const in6_addr& address) {
  const int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 name = {};
  name.sin6_family = AF_INET6;
  name.sin6_addr = address;
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
  close(fd);
  return bound;
}

inline void add_ipv6(const char* address) {
  const int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  in6_ifreq request = {};
  request.ifr6_ifindex = 1;  // the loopback device has this index in every namespace
  request.ifr6_prefixlen = 128;
  inet_pton(AF_INET6, address, &request.ifr6_addr);
  if (fd < 0 || ioctl(fd, SIOCSIFADDR, &request) != 0) cannot_run("cannot add an IPv6 address");
  close(fd);
  for (int i = 0; i < 2000 && !is_usable(request.ifr6_addr); ++i) usleep(1000);
}

inline void enter_own_network() {
  if (unshare(CLONE_NEWNET) != 0) cannot_run("no network namespace (root is needed)");
  raise_loopback();
  add_ipv6(source6);
}

}  // namespace clusterbind::test
