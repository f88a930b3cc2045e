// The settings of a unit, each with the file that it comes from: systemd.unit(5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clusterbind::tool {

struct Setting {
  std::string file;
  std::string key;
  std::string value;  // as written, with continued lines joined
};

/// The settings in the [Service] sections of these files, in order.
std::vector<Setting> read_settings(const std::vector<std::string>& files);

/// The value that Environment= settings give to a variable, with specifiers not expanded. An empty
/// setting resets those before it.
std::string set_by_environment(const std::vector<Setting>& settings, std::string_view variable);

/// The value of a variable in a file that EnvironmentFile= names, directly or by a pattern; `file`
/// is set to that file. Empty if no file sets it.
std::string set_by_file(std::string_view pattern, std::string_view variable, std::string& file);

}  // namespace clusterbind::tool
