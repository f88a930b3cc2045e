// What this host's kernel says about its addresses.
#pragma once

#include <optional>

#include "config/address.h"

namespace clusterbind::tool {

/// Whether the address is this host's own now, in this process's network namespace. The same answer
/// as the library's: bind(2) alone proves nothing where net.ipv4.ip_nonlocal_bind is on.
bool is_on_this_host(const Address& address);

/// The source address that the kernel takes for an unbound socket; nothing where there is no route.
std::optional<Address> kernels_choice(const Address& destination);

}  // namespace clusterbind::tool
