// Finds ports that are covered for one address family only.
#pragma once

#include <cstdint>
#include <vector>

#include "config/rule_text.h"

namespace clusterbind::tool {

/// A bind rule for every destination of one family, and those of its ports for which the other
/// family has no rule for every destination.
struct UncoveredPorts {
  uint32_t rule = 0;
  Family missing = Family::ipv6;
  std::vector<PortRange> ports;
};

std::vector<UncoveredPorts> find_uncovered_ports(const RuleText& rules);

}  // namespace clusterbind::tool
