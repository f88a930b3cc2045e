// What this host's kernel says about its addresses.
#pragma once

#include <optional>
#include <string>

#include "config/address.h"

namespace clusterbind::tool {

enum class Presence { here, absent, unknown };

struct Held {
  Presence presence = Presence::unknown;
  std::string trouble;  // why it is unknown
};

/// Whether this host holds an address now, in this process's network namespace. It asks as the
/// library does, and gives the same answer: a socket is bound to the address, and where the kernel
/// lets bind(2) take addresses of other hosts too, a datagram socket that is connected to it tells.
/// So an address of a local route (`ip route add local 192.0.2.0/24 dev lo`) is here, and nothing
/// but IP sockets is needed.
Held held_by_this_host(const Address& address);

/// The source address that the kernel takes for an unbound socket; nothing where there is no route.
std::optional<Address> kernels_choice(const Address& destination);

}  // namespace clusterbind::tool
