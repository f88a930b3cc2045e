// Rule texts for measurements.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace clusterbind::bench {

/// A small rule file like that of an MTA's host. It binds connections to `destination` (an address
/// or a prefix) and `port` to `source`.
std::string mail_rules(const std::string& source, const std::string& destination, uint16_t port);

/// The same rules for another port, so that no rule matches connections to `port`.
std::string other_port_rules(const std::string& source, const std::string& destination,
                             uint16_t port);

/// The kinds of large rule files.
enum class Mix : uint8_t {
  prefixes,       // one IPv4 /24 in each rule
  prefixes_ipv6,  // one IPv6 /48 in each rule
  ports,          // up to 10,000 ports for each of a few prefixes
  last_matches,   // prefixes that are not looked up, then one rule for any destination
  no_match,       // prefixes that are not looked up
};
const char* name_of(Mix mix);
constexpr Mix mixes[] = {Mix::prefixes, Mix::prefixes_ipv6, Mix::ports, Mix::last_matches,
                         Mix::no_match};

/// A rule file of `count` rules (up to 1,000,000).
std::string many_rules(Mix mix, unsigned count);

/// Destinations and ports to look up in it, in a random order that is the same in every run.
std::vector<std::pair<std::string, uint16_t>> questions(Mix mix, unsigned rules, unsigned count);

}  // namespace clusterbind::bench
