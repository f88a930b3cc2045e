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
  std::string why;                 // this way, in a few words
  std::string rules;               // which, as far as they are known
  std::vector<std::string> notes;  // what is to be known, a sentence each
  std::string trouble;             // why it cannot be done; empty where it can
  bool is_unknown = false;         // the trouble is that something could not be found out

  std::optional<std::string> old_text;  // of its drop-in, before
  bool is_written = false;
};

/// Judges a unit by what it will see itself: the variables of this process count for nothing.
/// Writes nothing.
Plan plan_unit(const Options& options, const std::string& name);

}  // namespace clusterbind::tool
