#include "config/tool/host/sockets.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <span>

namespace clusterbind::tool {

int domain_of(Family family) {
  return family == Family::ipv4 ? AF_INET : AF_INET6;
}

SocketAddress::SocketAddress(const Address& address, uint16_t port) {
  if (address.family == Family::ipv4) {
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    std::memcpy(&name.sin_addr, ipv4_bytes(address).data(), sizeof name.sin_addr);
    std::memcpy(&storage, &name, sizeof name);
    length = sizeof name;
  } else {
    sockaddr_in6 name = {};
    name.sin6_family = AF_INET6;
    name.sin6_port = htons(port);
    std::memcpy(&name.sin6_addr, ipv6_bytes(address).data(), sizeof name.sin6_addr);
    std::memcpy(&storage, &name, sizeof name);
    length = sizeof name;
  }
}

std::optional<Address> SocketAddress::address() const {
  if (storage.ss_family == AF_INET) {
    sockaddr_in name = {};
    std::memcpy(&name, &storage, sizeof name);
    uint8_t bytes[4];
    std::memcpy(bytes, &name.sin_addr, sizeof bytes);
    return from_ipv4_bytes(bytes);
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 name = {};
    std::memcpy(&name, &storage, sizeof name);
    return from_ipv6_bytes(std::span<const uint8_t, 16>(name.sin6_addr.s6_addr));
  }
  return std::nullopt;
}

uint16_t SocketAddress::port() const {
  // The port is at the same place in both families.
  sockaddr_in name = {};
  std::memcpy(&name, &storage, sizeof name);
  return ntohs(name.sin_port);
}

std::optional<SocketAddress> local_address(int descriptor) {
  SocketAddress name;
  if (getsockname(descriptor, name.get(), &name.length) != 0) {
    return std::nullopt;
  }
  return name;
}

}  // namespace clusterbind::tool
