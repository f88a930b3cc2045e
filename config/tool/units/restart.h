// Applies a change of drop-ins to units that are running.
#pragma once

#include <string>
#include <vector>

#include "config/tool/command/options.h"
#include "config/tool/units/dropin.h"
#include "config/tool/units/unit.h"

namespace clusterbind::tool {

/// Why this user cannot change units here; empty if it is possible.
std::string cannot_change_units(std::string_view command);

/// Why a unit that Pacemaker controls must not be restarted with systemctl, and what to run
/// instead; empty if Pacemaker does not control it.
std::string held_by_pacemaker(const Unit& unit);

struct Step {
  std::string unit;
  DropIn drop_in;
  bool puts_under = true;  // false: they were taken away
};

/// With --now, does the steps in their order until one fails, and prints which are done. Without
/// it, prints what to run. Returns the exit code.
int take_steps(const std::vector<Step>& steps, const Options& options);

}  // namespace clusterbind::tool
