#include "config/tool/units/identity.h"

#include "config/tool/host/users.h"

namespace clusterbind::tool {

Identity identity_of(const Unit& unit) {
  constexpr unsigned nobody = 65534;
  Identity identity;
  const std::string user = property(unit.properties, "User");
  const std::string group = property(unit.properties, "Group");
  if (const auto entry = user_of(user)) {
    identity.user = entry->id;
    identity.group = entry->group;
  } else if (!user.empty() || property(unit.properties, "DynamicUser") == "yes") {
    identity.user = identity.group = nobody;
    identity.unknown = property(unit.properties, "DynamicUser") == "yes" ? std::string() : user;
  }
  if (const auto entry = group_of(group)) {
    identity.group = *entry;
  } else if (!group.empty() && identity.unknown.empty()) {
    identity.unknown = group;
  }
  return identity;
}

}  // namespace clusterbind::tool
