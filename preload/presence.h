// Whether a source address is on this node, where bind(2) alone does not tell.
#pragma once

#include "config/address.h"

namespace clusterbind {

/// Whether the kernel lets bind take addresses that the node does not hold
/// (net.ipv4.ip_nonlocal_bind, net.ipv6.ip_nonlocal_bind). Asked anew at most once a second, by
/// binding a socket of our own to an address that no node holds: that also works in a chroot.
bool bind_takes_anything(Family family);

/// Whether the node holds `source`: a datagram socket connected to a local address has it for its
/// own. No packet is sent.
bool node_holds(const Address& source);

}  // namespace clusterbind
