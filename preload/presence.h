// Whether a source address is on this node, where bind(2) alone does not tell.
#pragma once

#include "config/address.h"

namespace clusterbind {

enum class Presence : uint8_t { held, absent, unknown };

/// Whether the node holds an address, by a datagram socket of our own: unknown where there is no
/// descriptor for it.
Presence presence_of(const Address& source);

/// Whether bind(2) takes addresses that the node does not hold: on every socket
/// (net.ipv4.ip_nonlocal_bind, net.ipv6.ip_nonlocal_bind), or on this one (IP_FREEBIND, ip(7)).
bool bind_takes_anything(int fd, Family family);

/// Learns what holds for every socket, by binding one of our own to an address that no node holds:
/// that also works in a chroot. bind_takes_anything() asks anew at most once a second.
bool learn_bind_of_anything(Family family);

}  // namespace clusterbind
