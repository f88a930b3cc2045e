// The settings of a unit, each with the file that makes it: systemd.unit(5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clusterbind::tool {

struct Setting {
  std::string file;
  std::string key;
  std::string value;  // as it is written, continued lines joined
};

/// The settings in the [Service] sections of these files, in their order.
std::vector<Setting> read_settings(const std::vector<std::string>& files);

/// The value of a variable that Environment= settings give, with its specifiers as they are
/// written. An empty setting takes back what was before.
std::string set_by_environment(const std::vector<Setting>& settings, std::string_view variable);

/// The value of a variable in a file of EnvironmentFile=, found by its name or pattern; `file` is
/// the one that has it. Empty where none sets it.
std::string set_by_file(std::string_view pattern, std::string_view variable, std::string& file);

}  // namespace clusterbind::tool
