// Rule texts to measure with.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace clusterbind::bench {

/// A small rule file as an MTA's host has it, that binds connections to `destination` (an address
/// or a prefix) and `port` to `source`.
std::string mail_rules(const std::string& source, const std::string& destination, uint16_t port);

/// The same rules for a port that is never asked for: connections to `port` are a miss.
std::string other_port_rules(const std::string& source, const std::string& destination,
                             uint16_t port);

/// What a large rule file consists of.
enum class Mix : uint8_t {
  prefixes,       // one IPv4 /24 each
  prefixes_ipv6,  // one IPv6 /48 each
  ports,          // up to 10,000 ports for each of a few prefixes
  last_matches,   // prefixes that are not asked for, then one rule for any destination
  no_match,       // prefixes that are not asked for
};
const char* name_of(Mix mix);
constexpr Mix mixes[] = {Mix::prefixes, Mix::prefixes_ipv6, Mix::ports, Mix::last_matches,
                         Mix::no_match};

/// A rule file of `count` rules (up to 1,000,000).
std::string many_rules(Mix mix, unsigned count);

/// Destinations and ports to look up in it, in random order (always the same one).
std::vector<std::pair<std::string, uint16_t>> questions(Mix mix, unsigned rules, unsigned count);

}  // namespace clusterbind::bench
