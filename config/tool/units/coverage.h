// Which processes of a unit are under the rules, and which are not.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "config/tool/units/dropin.h"

namespace clusterbind::tool {

struct Uncovered {
  pid_t pid = 0;
  std::string program;
  std::string why;
};

struct Coverage {
  std::vector<pid_t> processes;    // of the unit's group
  std::vector<Uncovered> lacking;  // of these, those that are not covered
  size_t hidden = 0;               // of these, those that could not be looked at

  bool is_whole() const { return !processes.empty() && lacking.empty() && hidden == 0; }
};

/// Looks at the processes of a unit, which is no template. By library one is covered if the library
/// is mapped, and its environment names the rule file of the drop-in.
Coverage coverage_of(const std::string& unit, const DropIn& drop_in);

/// Whether the unit runs, and every process of it is covered.
bool is_covered(const std::string& unit, const DropIn& drop_in);

}  // namespace clusterbind::tool
