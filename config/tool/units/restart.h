// What is done to units that run, so that a change of their drop-ins reaches them.
#pragma once

#include <string>
#include <vector>

#include "config/tool/command/options.h"
#include "config/tool/units/dropin.h"
#include "config/tool/units/unit.h"

namespace clusterbind::tool {

/// Why units cannot be changed here, by this user; empty where they can.
std::string cannot_change_units(std::string_view command);

/// Why a unit must not be restarted behind Pacemaker's back, with the line to run instead; empty
/// where Pacemaker does not hold it.
std::string held_by_pacemaker(const Unit& unit);

struct Step {
  std::string unit;
  DropIn drop_in;
  bool puts_under = true;  // false: it was taken away
};

/// With --now does the steps, in their order, up to the first that fails, and says which are done;
/// without, says what is to be run. Returns the exit code.
int take_steps(const std::vector<Step>& steps, const Options& options);

}  // namespace clusterbind::tool
