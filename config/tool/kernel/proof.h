// Whether what was attached really decides: one UDP connect of each family in the group, which
// sends no packet.
#pragma once

#include <string>

#include "config/tool/kernel/rule_maps.h"

namespace clusterbind::tool {

/// Throws std::runtime_error where a counter does not move, or nothing can be tried in the group.
/// `names`: the rules name programs, and the name must have been read. What it counted is taken
/// away again.
void prove(const std::string& group, RuleMaps& maps, bool names);

}  // namespace clusterbind::tool
