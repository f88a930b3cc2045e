// The host's users and groups. Two files have these functions, and a build takes one: users.cc asks
// the C library; users_files.cc, of the static tools, reads the files.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace clusterbind::tool {

struct User {
  uid_t id = 0;
  gid_t group = 0;
};

/// The name of a user or a group; its number where none could be found out.
std::string user_name(uid_t id);
std::string group_name(gid_t id);

/// Nothing where the name could not be found out.
std::optional<User> user_of(const std::string& name);
std::optional<gid_t> group_of(const std::string& name);

}  // namespace clusterbind::tool
