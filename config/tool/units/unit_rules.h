// The rules that a unit takes.
#pragma once

#include <string>

#include "config/tool/units/plan.h"

namespace clusterbind::tool {

/// What a unit takes its rules from, as its drop-in and its own variables say.
std::string rule_file_of(const Unit& unit, const DropIn& drop_in);

/// Looks at the rules that the plan's unit will take, of a template at those of each instance that
/// runs where these differ. They must be there, and right.
void look_at_rules(Plan& plan);

}  // namespace clusterbind::tool
