// A slow and obvious model of the lookup: it goes through all rules and compares prefixes bit by
// bit. Only for tests; the real lookup is in config/ruleset.h.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "config/rule.h"

namespace clusterbind::test {

/// An address as the 16 bytes of an in6_addr; IPv4 addresses as IPv4-mapped ones.
using Bytes = std::array<uint8_t, 16>;

struct PlainDestination {
  bool any = false;
  Bytes bytes{};
  unsigned length = 0;  // in 128 bits: 96 more than that of an IPv4 prefix
};

struct PlainPorts {
  unsigned low = 0;
  unsigned high = 0;
};

struct PlainRule {
  Action action = Action::direct;
  bool has_ipv4 = false, has_ipv6 = false;
  std::vector<PlainDestination> destinations;  // empty: any
  std::vector<PlainPorts> ports;               // empty: every port
  std::vector<std::string> programs;           // empty: every program
  ProtocolClause protocol = ProtocolClause::tcp;
};

inline bool horrible_is_mapped(const Bytes& address) {
  for (unsigned i = 0; i < 10; ++i) {
    if (address[i] != 0) return false;
  }
  return address[10] == 0xff && address[11] == 0xff;
}

inline bool horrible_is_loopback(const Bytes& address) {
  if (horrible_is_mapped(address)) return address[12] == 127;
  return address == Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
}

inline bool horrible_is_wildcard(const Bytes& address) {
  return address == Bytes{} || address == Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
}

inline bool horrible_bit(const Bytes& address, unsigned bit) {
  return (address[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

inline bool horrible_contains(const PlainDestination& destination, const Bytes& address) {
  if (destination.any) return !horrible_is_loopback(address);
  // Short IPv6 prefixes such as ::/0 do not contain IPv4 addresses.
  const bool prefix_is_ipv4 = horrible_is_mapped(destination.bytes) && destination.length >= 96;
  if (prefix_is_ipv4 != horrible_is_mapped(address)) return false;
  for (unsigned bit = 0; bit < destination.length; ++bit) {
    if (horrible_bit(destination.bytes, bit) != horrible_bit(address, bit)) return false;
  }
  return true;
}

inline bool horrible_matches(const PlainRule& rule, const std::string& program,
                             const Bytes& address, unsigned port, Protocol protocol) {
  if (rule.action == Action::bind) {
    if (horrible_is_mapped(address) ? !rule.has_ipv4 : !rule.has_ipv6) return false;
  }
  if (rule.protocol == ProtocolClause::tcp && protocol != Protocol::tcp) return false;
  if (rule.protocol == ProtocolClause::udp && protocol != Protocol::udp) return false;

  bool program_matches = rule.programs.empty();
  for (const std::string& name : rule.programs) {
    if (!program.empty() && name == program) program_matches = true;
  }
  bool port_matches = rule.ports.empty();
  for (const PlainPorts& range : rule.ports) {
    if (range.low <= port && port <= range.high) port_matches = true;
  }
  bool destination_matches = rule.destinations.empty() && !horrible_is_loopback(address);
  for (const PlainDestination& destination : rule.destinations) {
    if (horrible_contains(destination, address)) destination_matches = true;
  }
  return program_matches && port_matches && destination_matches;
}

/// The index of the first rule that matches, or UINT32_MAX.
inline uint32_t horrible_lookup(const std::vector<PlainRule>& rules, const std::string& program,
                                const Bytes& address, unsigned port, Protocol protocol) {
  if (horrible_is_wildcard(address)) return UINT32_MAX;
  for (uint32_t i = 0; i < rules.size(); ++i) {
    if (horrible_matches(rules[i], program, address, port, protocol)) return i;
  }
  return UINT32_MAX;
}

}  // namespace clusterbind::test
