// Source addresses of the rules that no connection can leave from.
#pragma once

#include <cstdint>
#include <vector>

#include "config/rule_text.h"

namespace clusterbind::tool {

struct BroadcastSource {
  Address address;
  uint32_t rule = 0;  // the first rule that names it
};

/// The source addresses that are broadcast addresses of this host (host.h), each once, in the order
/// of the rules.
std::vector<BroadcastSource> broadcast_sources(const RuleText& rules);

}  // namespace clusterbind::tool
