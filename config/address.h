// IP addresses and prefixes as values. Reading, writing and comparing them needs no system call
// and no heap.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace clusterbind {

enum class Family : uint8_t { ipv4, ipv6 };

/// An IP address in host byte order. An IPv4 address is the low 32 bits of `low`; an IPv4-mapped
/// IPv6 address (RFC 4291, 2.5.5.2) is always kept as the IPv4 address.
struct Address {
  uint64_t high = 0;
  uint64_t low = 0;
  Family family = Family::ipv4;

  friend constexpr bool operator==(const Address&, const Address&) = default;
};

/// The bits of a family's addresses: 32 or 128.
constexpr unsigned bits(Family family) {
  return family == Family::ipv4 ? 32 : 128;
}

/// An IPv4 address from its 4 bytes in network byte order.
Address from_ipv4_bytes(std::span<const uint8_t, 4> bytes);

/// The bits in front of the IPv4 address, in the lower half of an IPv4-mapped IPv6 address.
constexpr uint64_t mapped_low = uint64_t{0xffff} << 32;

/// Eight bytes in network byte order as a number.
inline uint64_t read_big_endian(const uint8_t* bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, sizeof value);
  return std::endian::native == std::endian::big ? value : __builtin_bswap64(value);
}

/// An address from the 16 bytes of an in6_addr; an IPv4-mapped one becomes IPv4.
inline Address from_ipv6_bytes(std::span<const uint8_t, 16> bytes) {
  const uint64_t high = read_big_endian(bytes.data());
  const uint64_t low = read_big_endian(bytes.data() + 8);
  if (high == 0 && low >> 32 == mapped_low >> 32) return {0, low & 0xffffffff, Family::ipv4};
  return {high, low, Family::ipv6};
}

/// The 4 bytes of an IPv4 address in network byte order.
std::array<uint8_t, 4> ipv4_bytes(const Address& address);

/// The 16 bytes of an in6_addr; an IPv4 address is written as IPv4-mapped.
std::array<uint8_t, 16> ipv6_bytes(const Address& address);

/// 127.0.0.0/8 and ::1.
constexpr bool is_loopback(const Address& address) {
  if (address.family == Family::ipv4) return address.low >> 24 == 127;
  return address.high == 0 && address.low == 1;
}

/// 0.0.0.0 and ::. As a destination, connect(2) takes them for this host.
constexpr bool is_wildcard(const Address& address) {
  return (address.high | address.low) == 0;
}

/// 224.0.0.0/4 and ff00::/8.
bool is_multicast(const Address& address);

/// 255.255.255.255.
constexpr bool is_broadcast(const Address& address) {
  return address.family == Family::ipv4 && address.low == 0xffffffff;
}

/// fe80::/10 (RFC 4291, 2.5.6).
constexpr bool is_link_local(const Address& address) {
  return address.family == Family::ipv6 && address.high >> 54 == 0xfe80 >> 6;
}

/// The first address of a prefix: `address` with all bits beyond `length` cleared.
Address first_address(const Address& address, unsigned length);

/// The last address of a prefix: `address` with all bits beyond `length` set.
Address last_address(const Address& address, unsigned length);

/// Reads an address as inet_pton(3) does; an IPv4-mapped one becomes IPv4.
std::optional<Address> read_address(std::string_view text);

/// Whether `text` is written as an IPv4-mapped IPv6 address. The length of such a prefix includes
/// the 96 bits in front of the IPv4 address.
bool is_mapped_spelling(std::string_view text);

/// The size of a buffer that the text of every address fits into, also as "[address]:port".
constexpr size_t address_text_size = 48;

/// Writes the address as RFC 5952 recommends, without a NUL; returns the text.
std::string_view write_address(const Address& address, std::span<char, address_text_size> out);

/// Writes "192.0.2.7:25" or "[2001:db8::7]:25", without a NUL; returns the text.
std::string_view write_endpoint(const Address& address, uint16_t port,
                                std::span<char, address_text_size> out);

}  // namespace clusterbind
