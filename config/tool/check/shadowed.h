// Finds the rules that no connection can reach, by asking the lookup itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "config/rule_text.h"

namespace clusterbind::tool {

/// A rule that never decides, and the rules that decide in its place.
struct ShadowedRule {
  uint32_t rule = 0;
  std::vector<uint32_t> by;  // sorted; empty: no connection can match the rule
  bool by_only = false;      // `only` names none of its programs
};

struct Reachability {
  std::vector<ShadowedRule> shadowed;  // in the order of the rules
  size_t unexamined = 0;               // rules for which there was not enough time
};

/// Finds rules that no connection can reach. The number of lookups is bounded: a few seconds
/// suffice for any rule text.
Reachability find_shadowed(const RuleText& rules);

}  // namespace clusterbind::tool
