// Which processes of a unit are under the rules, and which are not.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "config/tool/units/dropin.h"

namespace clusterbind::tool {

struct UncoveredProcess {
  pid_t pid = 0;
  std::string program;
  std::string why;
};

struct Coverage {
  std::vector<pid_t> processes;           // of the unit's group
  std::vector<UncoveredProcess> lacking;  // those of them that are not covered
  std::vector<UncoveredProcess> unclear;  // those whose rules could not be determined
  size_t hidden = 0;                      // how many of them could not be examined

  bool is_whole() const {
    return !processes.empty() && lacking.empty() && unclear.empty() && hidden == 0;
  }
};

/// Where the group of a running unit is mounted, cgroups(7); empty if it is not mounted.
std::string folder_of_unit(const std::string& unit);

/// Examines the processes of a unit, which must not be a template. By library, a process is covered
/// if the library is mapped and its environment names the rule file of the drop-in. By kernel, it
/// is if its group has rules for both families. A process that has just been started and is not
/// covered yet gets five seconds. Throws std::runtime_error if the kernel does not say.
Coverage coverage_of(const std::string& unit, const DropIn& drop_in);

/// Whether the unit runs and every process of it is covered. By kernel, the rules must also be
/// those that the file has now.
bool is_covered(const std::string& unit, const DropIn& drop_in);

}  // namespace clusterbind::tool
