// Whether the users of a program can reach a file.
#pragma once

#include <string>
#include <vector>

namespace clusterbind::tool {

/// The folders on the way to an absolute path, from the root down.
std::vector<std::string> folders_of(const std::string& path);

/// Why a file cannot be read by everybody who may need it: "other users cannot enter /root".
/// Programs of root's may become any user, so for root this means all users, else this one. Empty
/// where it can.
std::string hidden_from_users(const std::string& path);

}  // namespace clusterbind::tool
