// What a program passes to connect(2) and its kin, read as the kernel would read it. Pure.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>

#include "config/address.h"

namespace clusterbind {

/// A destination that a rule may match.
struct Target {
  Address address;
  uint16_t port = 0;
  Family spelled = Family::ipv4;  // the family of the socket address: a mapped address is IPv6
};

/// Reads a socket address. False where the kernel will refuse it or it is no IP address: a length
/// outside 16..most (AF_INET) or 24..most (AF_INET6), another family, or a pointer that is NULL, in
/// the first page or in the kernel's half. ip(7), ipv6(7); move_addr_to_kernel() in net/socket.c.
bool read_target(const sockaddr* address, size_t length, size_t most, Target& target);

/// The most that connect and sendto take: sizeof(sockaddr_storage).
constexpr size_t address_most = 128;

/// The destination of a message; sendmsg(2) cuts a longer name instead of refusing it.
bool read_target(const msghdr* message, Target& target);

}  // namespace clusterbind
