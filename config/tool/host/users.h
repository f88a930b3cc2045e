// The users and groups of the host. Two files implement these functions, and a build uses one of
// them: users.cc asks the C library; users_files.cc, for the static tools, reads the files.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace clusterbind::tool {

struct User {
  uid_t id = 0;
  gid_t group = 0;
};

/// The name of a user or a group; its number if the name is unknown.
std::string user_name(uid_t id);
std::string group_name(gid_t id);

/// Nothing if the name is unknown.
std::optional<User> user_of(const std::string& name);
std::optional<gid_t> group_of(const std::string& name);

}  // namespace clusterbind::tool
