// Uses the C library, which follows /etc/nsswitch.conf. The tools have only one thread.

#include "config/tool/host/users.h"

#include <grp.h>
#include <pwd.h>

namespace clusterbind::tool {

// NOLINTBEGIN(concurrency-mt-unsafe)
std::string user_name(uid_t id) {
  const passwd* const entry = getpwuid(id);
  return entry == nullptr ? std::to_string(id) : entry->pw_name;
}

std::string group_name(gid_t id) {
  const group* const entry = getgrgid(id);
  return entry == nullptr ? std::to_string(id) : entry->gr_name;
}

std::optional<User> user_of(const std::string& name) {
  const passwd* const entry = getpwnam(name.c_str());
  return entry == nullptr ? std::nullopt : std::optional(User{entry->pw_uid, entry->pw_gid});
}

std::optional<gid_t> group_of(const std::string& name) {
  const group* const entry = getgrnam(name.c_str());
  return entry == nullptr ? std::nullopt : std::optional(entry->gr_gid);
}
// NOLINTEND(concurrency-mt-unsafe)

}  // namespace clusterbind::tool
