// The rules that a unit takes.
#pragma once

#include <string>

#include "config/tool/units/plan.h"

namespace clusterbind::tool {

/// The rule file of a unit, according to its drop-in and its own variables.
std::string rule_file_of(const Unit& unit, const DropIn& drop_in);

/// Whether rules of this unit are read as root, which takes only a file that root owns and that no
/// other user can write. By kernel, systemd starts clusterbind-attach as root for every unit.
bool reads_as_root(const Unit& unit, const DropIn& drop_in);

/// Reads the rules that the plan's unit will take; for a template, those of each running instance
/// if they differ. They must exist and be correct.
void look_at_rules(Plan& plan);

}  // namespace clusterbind::tool
