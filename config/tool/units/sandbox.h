// Settings of a unit that prevent the library from working, or our own line in the unit from
// running: systemd.exec(5), systemd.resource-control(5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/tool/units/unit.h"

namespace clusterbind::tool {

/// Why a line of ours cannot run in the unit at all: the unit has another root directory, or hides
/// one of the needed files. Empty if it can.
std::string hides_files(const Unit& unit, const std::vector<std::string>& needed);

/// Why the library could not bind in the unit, and what to do; empty if it can.
std::string forbids_bind(const Unit& unit);

/// Further facts for the user about a program of the unit, a sentence each.
std::vector<std::string> sandbox_notes(const Unit& unit, const std::string& program);

}  // namespace clusterbind::tool
