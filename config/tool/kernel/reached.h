// Whether rules in the kernel reach a running process.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace clusterbind::tool {

/// The group whose rules reach this process: its own, or one around that. Empty if there is none;
/// nothing if this user is not allowed to find out.
std::optional<std::string> group_that_reaches(pid_t pid);

}  // namespace clusterbind::tool
