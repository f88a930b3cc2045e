// The group of a unit of systemd.
#pragma once

#include <string>

namespace clusterbind::tool {

/// The folder of a unit's group, which systemctl(1) is asked for. Throws std::runtime_error where
/// the unit does not run, or cannot be asked for.
std::string group_of_unit(const std::string& unit);

}  // namespace clusterbind::tool
