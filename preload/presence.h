// Whether this node holds a source address, for the cases in which bind(2) alone does not tell.
#pragma once

#include "config/address.h"

namespace clusterbind {

enum class Presence : uint8_t { held, absent, unknown };

/// Whether the node holds an address. Asks with a datagram socket of our own; unknown if there is
/// no descriptor or no port for that.
Presence presence_of(const Address& source);

/// Whether an IPv4 address is the broadcast address of one of the node's networks. bind(2) accepts
/// it, but connect(2) then takes one of the node's own addresses, without an error (__inet_bind()
/// in net/ipv4/af_inet.c). False also if there is no descriptor to ask with.
bool is_broadcast_of_node(const Address& source);

/// Whether bind(2) accepts addresses that the node does not hold: on every socket
/// (net.ipv4.ip_nonlocal_bind, net.ipv6.ip_nonlocal_bind), or on this one (IP_FREEBIND, ip(7)).
bool bind_takes_anything(int fd, Family family);

/// Finds out whether bind(2) does that on every socket, by binding a socket of our own to an
/// address that no node holds; this works in a chroot, too. bind_takes_anything() calls it at most
/// once a second.
bool learn_bind_of_anything(Family family);

}  // namespace clusterbind
