// The control group of a systemd unit.
#pragma once

#include <string>

namespace clusterbind::tool {

/// The folder of a unit's group, as systemctl(1) shows it. Throws std::runtime_error if the unit
/// does not run, or if systemctl fails.
std::string group_of_unit(const std::string& unit);

}  // namespace clusterbind::tool
