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

/// Where the group of a unit that runs is mounted, cgroups(7); empty where it is nowhere.
std::string folder_of_unit(const std::string& unit);

/// Looks at the processes of a unit, which is no template. By library one is covered if the library
/// is mapped, and its environment names the rule file of the drop-in; by kernel,
/// if its group has the rules of both families. Throws std::runtime_error where the kernel does not
/// tell.
Coverage coverage_of(const std::string& unit, const DropIn& drop_in);

/// Whether the unit runs, and every process of it is covered; by kernel, with the rules as they are
/// in their file now.
bool is_covered(const std::string& unit, const DropIn& drop_in);

}  // namespace clusterbind::tool
