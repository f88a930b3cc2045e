// Converts the rules of a parsed text for the slow model.
#pragma once

#include <vector>

#include "tests/support/compiled.h"
#include "tests/support/horrible_lookup.h"

namespace clusterbind::test {

inline std::vector<PlainRule> plain_rules(const RuleText& text) {
  std::vector<PlainRule> result;
  for (size_t i = 0; i < text.parsed().counts.rules; ++i) {
    const Rule& rule = text.parsed().rules[i];
    PlainRule plain;
    plain.action = rule.action;
    plain.has_ipv4 = rule.has_ipv4;
    plain.has_ipv6 = rule.has_ipv6;
    plain.protocol = rule.protocol;
    for (const Destination& destination : text.destinations(i)) {
      const unsigned skipped = destination.first.family == Family::ipv4 ? 96 : 0;
      plain.destinations.push_back(
          {destination.any, ipv6_bytes(destination.first), destination.length + skipped});
    }
    for (const PortRange& range : text.ports(i)) plain.ports.push_back({range.low, range.high});
    for (const std::string_view name : text.programs(i)) plain.programs.emplace_back(name);
    result.push_back(plain);
  }
  return result;
}

}  // namespace clusterbind::test
