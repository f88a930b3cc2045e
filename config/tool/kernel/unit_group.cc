#include "config/tool/kernel/unit_group.h"

#include <fmt/format.h>

#include <stdexcept>

#include "config/tool/command/terminal.h"
#include "config/tool/host/command.h"
#include "config/tool/kernel/group.h"

namespace clusterbind::tool {

std::string group_of_unit(const std::string& unit) {
  CommandResult ran =
      run_command({"systemctl", "show", "--value", "-p", "ControlGroup", "--", unit});
  if (!ran.good()) {
    throw std::runtime_error(fmt::format(
        "{}: systemctl does not tell its group: name that with --cgroup", printable(unit)));
  }
  while (ran.output.ends_with('\n')) {
    ran.output.pop_back();
  }
  if (ran.output.empty()) {
    throw std::runtime_error(fmt::format("{} has no group: it does not run", printable(unit)));
  }
  return folder_of_group(ran.output);
}

}  // namespace clusterbind::tool
