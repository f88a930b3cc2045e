// Whether a source address is on this node, where bind(2) alone does not tell.
#pragma once

#include "config/address.h"

namespace clusterbind {

/// Whether the node holds a source address that bind(2) has taken.
bool is_held(const Address& source);

/// Learns whether the kernel lets bind take addresses that the node does not hold
/// (net.ipv4.ip_nonlocal_bind, net.ipv6.ip_nonlocal_bind), by binding a socket of our own to one
/// that no node holds: that also works in a chroot. is_held() asks anew at most once a second.
bool learn_bind_of_anything(Family family);

}  // namespace clusterbind
