// Control groups: cgroups(7), version 2. A group is named by its folder. The functions throw
// std::runtime_error with a text of one line if they cannot find out.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/tool/host/sockets.h"

namespace clusterbind::tool {

/// The kernel has no groups of this version, so no group has rules.
struct NoGroups : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The folder of the group that this process is in. Control processes of a unit with Delegate=yes
/// are in a group `.control` below the unit's group (systemd.resource-control(5)); for those, it is
/// the unit's group. Throws if it is the root group, which has all processes.
std::string own_group();

/// The folder of the group that a process (its id, or "self") is in.
std::string group_of_process(const std::string& process);

/// The folder of a group that has this name in the kernel, such as "/system.slice/exim4.service".
std::string folder_of_group(std::string_view name);

/// The folder of a group that the user has named, without symbolic links. Throws if it is no group.
std::string group_at(const std::string& path);

/// The groups around a group that are visible here, the outermost first; and the groups within it.
std::vector<std::string> groups_around(const std::string& group);
std::vector<std::string> groups_within(const std::string& group);

Descriptor open_group(const std::string& group);

}  // namespace clusterbind::tool
