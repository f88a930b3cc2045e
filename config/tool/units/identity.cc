#include "config/tool/units/identity.h"

#include <grp.h>
#include <pwd.h>

namespace clusterbind::tool {

// Reading the user database is no race here: there are no threads.
Identity identity_of(const Unit& unit) {
  Identity identity;
  const std::string user = property(unit.properties, "User");
  const std::string group = property(unit.properties, "Group");
  if (const passwd* const entry = getpwnam(user.c_str()); entry != nullptr) {  // NOLINT
    identity = {entry->pw_uid, entry->pw_gid};
  } else if (!user.empty() || property(unit.properties, "DynamicUser") == "yes") {
    constexpr unsigned nobody = 65534;
    identity = {nobody, nobody};
  }
  if (const ::group* const entry = getgrnam(group.c_str()); entry != nullptr) {  // NOLINT
    identity.group = entry->gr_gid;
  }
  return identity;
}

}  // namespace clusterbind::tool
