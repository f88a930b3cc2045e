#include "config/tool/host.h"

#include <span>

#include "config/tool/netlink.h"
#include "config/tool/sockets.h"

namespace clusterbind::tool {
namespace {

constexpr uint16_t discard_port = 9;  // nothing is sent: any port will do

Descriptor datagram_socket(Family family) {
  return Descriptor(socket(domain_of(family), SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

bool is_local(const Address& address) {
  int type = -1;
  if (address.family == Family::ipv4) {
    const auto bytes = ipv4_bytes(address);
    type = route_type(AF_INET, std::as_bytes(std::span(bytes)));
  } else {
    const auto bytes = ipv6_bytes(address);
    type = route_type(AF_INET6, std::as_bytes(std::span(bytes)));
  }
  return type == RTN_LOCAL;
}

}  // namespace

std::optional<Address> kernels_choice(const Address& destination) {
  const Descriptor probe = datagram_socket(destination.family);
  const SocketAddress name(destination, discard_port);
  if (!probe.valid() || connect(probe.get(), name.get(), name.length) != 0) {
    return std::nullopt;
  }
  const auto local = local_address(probe.get());
  return local ? local->address() : std::nullopt;
}

bool is_on_this_host(const Address& address) {
  const Descriptor probe = datagram_socket(address.family);
  const SocketAddress name(address, 0);
  return probe.valid() && bind(probe.get(), name.get(), name.length) == 0 && is_local(address);
}

}  // namespace clusterbind::tool
