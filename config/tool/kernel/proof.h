// Proves that the attached programs really decide: makes one UDP connect of each family in the
// group, which sends no packet.
#pragma once

#include <string>

#include "config/tool/kernel/rule_maps.h"

namespace clusterbind::tool {

/// Throws std::runtime_error if a counter does not move, or if nothing can be tried in the group.
/// `names`: the rules name programs, so the name must be readable too. The counts are reset
/// afterwards.
void prove(const std::string& group, RuleMaps& maps, bool names);

}  // namespace clusterbind::tool
