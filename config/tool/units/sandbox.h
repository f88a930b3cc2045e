// The settings of a unit that stand in the way of the library, or of our line in it:
// systemd.exec(5), systemd.resource-control(5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/tool/units/unit.h"

namespace clusterbind::tool {

/// Why a line of ours cannot run in the unit at all: it has another root, or one of the files that
/// are needed is hidden from it. Empty where it can.
std::string hides_files(const Unit& unit, const std::vector<std::string>& needed);

/// Why the library could not bind in the unit, and what to do; empty where it can.
std::string forbids_bind(const Unit& unit);

/// What else is to be known, a sentence each, for a program of the unit's.
std::vector<std::string> sandbox_notes(const Unit& unit, const std::string& program);

}  // namespace clusterbind::tool
