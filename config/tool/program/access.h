// Whether the users of a program can reach a file.
#pragma once

#include <string>
#include <vector>

namespace clusterbind::tool {

/// The folders on the way to an absolute path, from the root directory down.
std::vector<std::string> folders_of(const std::string& path);

/// Why somebody who may need a file cannot read it: "other users cannot enter /root". If this user
/// is root, everybody must be able to read it, because root's programs may become any user.
/// Otherwise this user must. Empty if there is no such reason.
std::string hidden_from_users(const std::string& path);

}  // namespace clusterbind::tool
