// How a unit is put under the rules, before anything is written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/tool/command/options.h"
#include "config/tool/units/dropin.h"
#include "config/tool/units/unit.h"

namespace clusterbind::tool {

struct Plan {
  Unit unit;
  DropIn drop_in;
  std::string why;                 // why by this way, in a few words
  std::string rules;               // which rules, as far as is known
  std::vector<std::string> notes;  // further facts for the user, a sentence each
  std::string trouble;             // why it cannot be done; empty if it can
  bool is_unknown = false;         // the trouble is that something could not be determined

  std::optional<std::string> old_text;  // of its drop-in before the change
  bool is_written = false;
};

/// Plans how to put a unit under the rules, by what the unit itself will see: the variables of this
/// process are ignored. Writes nothing.
Plan plan_unit(const Options& options, const std::string& name);

}  // namespace clusterbind::tool
