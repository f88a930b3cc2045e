// Which addresses this host has, according to its kernel.
#pragma once

#include <optional>
#include <string>

#include "config/address.h"

namespace clusterbind::tool {

/// `broadcast`: the broadcast address of one of this host's networks. bind(2) accepts it, but no
/// connection leaves from it (is_broadcast_of_node() in preload/presence.h).
enum class Presence { here, absent, broadcast, unknown };

struct Held {
  Presence presence = Presence::unknown;
  std::string trouble;  // why it is unknown
};

/// Whether this host holds an address now, in this process's network namespace. It asks in the same
/// way as the library, and so gives the same answer: it binds a socket to the address and, if the
/// kernel's settings let bind(2) accept addresses of other hosts, connects a datagram socket to it.
/// So an address of a local route (`ip route add local 192.0.2.0/24 dev lo`) counts as held, and
/// only IP sockets are needed.
Held held_by_this_host(const Address& address);

/// The source address that the kernel chooses for an unbound socket; nothing if there is no route.
std::optional<Address> kernels_choice(const Address& destination);

}  // namespace clusterbind::tool
