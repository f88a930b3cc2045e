#include "config/tool/units/identity.h"

#include <charconv>
#include <optional>

#include "config/tool/host/users.h"

namespace clusterbind::tool {
namespace {

/// systemd takes numbers in place of names.
std::optional<unsigned> read_id(const std::string& text) {
  unsigned id = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, id);
  return !text.empty() && read.ec == std::errc() && read.ptr == end ? std::optional(id)
                                                                    : std::nullopt;
}

/// A user by name or number. A number that has no name has no group of its own.
std::optional<User> find_user(const std::string& text) {
  const auto id = read_id(text);
  if (!id) {
    return user_of(text);
  }
  const auto named = user_of(user_name(*id));
  return named ? named : User{*id, 0};
}

std::optional<gid_t> find_group(const std::string& text) {
  const auto id = read_id(text);
  return id ? std::optional<gid_t>(*id) : group_of(text);
}

}  // namespace

Identity identity_of(const Unit& unit) {
  constexpr unsigned nobody = 65534;
  Identity identity;
  const std::string user = property(unit.properties, "User");
  const std::string group = property(unit.properties, "Group");
  if (const auto entry = find_user(user)) {
    identity.user = entry->id;
    identity.group = entry->group;
  } else if (!user.empty() || property(unit.properties, "DynamicUser") == "yes") {
    identity.user = identity.group = nobody;
    identity.unknown = property(unit.properties, "DynamicUser") == "yes" ? std::string() : user;
  }
  if (const auto entry = find_group(group)) {
    identity.group = *entry;
  } else if (!group.empty() && identity.unknown.empty()) {
    identity.unknown = group;
  }
  return identity;
}

}  // namespace clusterbind::tool
