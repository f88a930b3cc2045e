// The destination that a program passes to connect(2), sendto(2) and sendmsg(2), read as the kernel
// would read it. Pure: it makes no system calls.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "config/address.h"

namespace clusterbind {

constexpr size_t ipv4_least = sizeof(sockaddr_in);
constexpr size_t ipv6_least = 24;  // SIN6_LEN_RFC2133 in net/ipv6/: without sin6_scope_id

/// Whether a 64-bit address lies in the kernel's half. aarch64 ignores the top byte, where programs
/// keep tags (Documentation/arch/arm64/tagged-pointers.rst): there bit 55 tells.
constexpr bool is_in_kernels_half(uint64_t address, bool ignores_top_byte) {
  return (address >> (ignores_top_byte ? 55 : 63) & 1) != 0;
}

/// Whether the kernel is sure to answer EFAULT for this pointer. Then the hook must not read it.
inline bool is_nowhere(const void* pointer) {
  constexpr uintptr_t first_page = 4096;
  const auto value = reinterpret_cast<uintptr_t>(pointer);
#ifdef __aarch64__
  constexpr bool ignores_top_byte = true;
#else
  constexpr bool ignores_top_byte = false;
#endif
  if constexpr (sizeof(value) == 8) {
    return value < first_page || is_in_kernels_half(value, ignores_top_byte);
  } else {
    return value < first_page || value >= UINTPTR_MAX - first_page;
  }
}

/// A destination that a rule may match.
struct Target {
  Address address;
  uint16_t port = 0;
  Family spelled = Family::ipv4;  // the family of the socket address: a mapped address is IPv6
};

/// Reads a socket address of at least 16 bytes (AF_INET) or 24 (AF_INET6). False for other
/// families.
inline bool read_taken_target(const sockaddr* address, Target& target) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(address);  // may be misaligned
  sa_family_t family;
  uint16_t port;
  std::memcpy(&family, bytes + offsetof(sockaddr_in, sin_family), sizeof family);
  std::memcpy(&port, bytes + offsetof(sockaddr_in, sin_port), sizeof port);
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  target.port = ntohs(port);
  if (family == AF_INET) [[likely]] {
    uint32_t ipv4;
    std::memcpy(&ipv4, bytes + offsetof(sockaddr_in, sin_addr), sizeof ipv4);
    target.address = {0, ntohl(ipv4), Family::ipv4};
    target.spelled = Family::ipv4;
    return true;
  }
  target.address =
      from_ipv6_bytes(std::span<const uint8_t, 16>(bytes + offsetof(sockaddr_in6, sin6_addr), 16));
  target.spelled = Family::ipv6;
  return family == AF_INET6;
}

/// Reads a socket address. False if the kernel will refuse it or it is no IP address: a length
/// outside 16..most (AF_INET) or 24..most (AF_INET6), another family, or a pointer that is NULL, in
/// the first page or in the kernel's half. ip(7), ipv6(7); move_addr_to_kernel() in net/socket.c.
inline bool read_target(const sockaddr* address, size_t length, size_t most, Target& target) {
  if (length < ipv4_least || length > most || is_nowhere(address)) return false;
  sa_family_t family;
  std::memcpy(&family, address, sizeof family);
  if (family != AF_INET && (family != AF_INET6 || length < ipv6_least)) return false;
  return read_taken_target(address, target);
}

/// The longest address that connect(2) and sendto(2) accept: sizeof(sockaddr_storage).
constexpr size_t address_most = 128;

/// Whether the address is AF_UNSPEC, with which connect(2) disconnects a socket.
inline bool is_unspecified(const sockaddr* address, size_t length) {
  sa_family_t family;
  if (length < sizeof family || length > address_most || is_nowhere(address)) return false;
  std::memcpy(&family, address, sizeof family);
  return family == AF_UNSPEC;
}

/// Reads the destination of a message. sendmsg(2) cuts a longer address instead of refusing it.
bool read_target(const msghdr* message, Target& target);

}  // namespace clusterbind
