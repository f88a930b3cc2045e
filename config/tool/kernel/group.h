// Groups of processes: cgroups(7), version 2. A group is named by its folder. The functions throw
// std::runtime_error, in one line, where they cannot tell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/tool/host/sockets.h"

namespace clusterbind::tool {

/// The folder of the group that this process is in. The control processes of a unit with
/// Delegate=yes are in a group `.control` below the unit's (systemd.resource-control(5)): the
/// unit's is meant. Throws where it is the root group, of all processes.
std::string own_group();

/// The folder of a group that is named as the kernel names it, "/system.slice/exim4.service".
std::string folder_of_group(std::string_view name);

/// A folder that somebody named, without symbolic links. Throws where it is no group.
std::string group_at(const std::string& path);

/// The groups around it that are seen here, the outermost first; and those within it.
std::vector<std::string> groups_around(const std::string& group);
std::vector<std::string> groups_within(const std::string& group);

/// All that are seen here.
std::vector<std::string> all_groups();

Descriptor open_group(const std::string& group);

}  // namespace clusterbind::tool
