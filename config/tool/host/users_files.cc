// Reads only /etc/passwd and /etc/group. A static program cannot load the modules that
// /etc/nsswitch.conf names, because they must belong to the very glibc that the program was linked
// with.

#include <grp.h>
#include <pwd.h>

#include <cstdio>
#include <memory>

#include "config/tool/host/users.h"

namespace clusterbind::tool {
namespace {

/// The first entry of a file for which `wanted` is true. `next` reads one entry (fgetpwent(3),
/// fgetgrent(3)), which is valid until the next call.
template <typename Entry, typename Wanted>
const Entry* first_of(const char* path, Entry* (*next)(FILE*), const Wanted& wanted) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(fopen(path, "re"), fclose);
  while (file != nullptr) {
    const Entry* const entry = next(file.get());
    if (entry == nullptr || wanted(*entry)) {
      return entry;
    }
  }
  return nullptr;
}

template <typename Wanted>
const passwd* first_user(const Wanted& wanted) {
  return first_of<passwd>("/etc/passwd", fgetpwent, wanted);
}

template <typename Wanted>
const group* first_group(const Wanted& wanted) {
  return first_of<group>("/etc/group", fgetgrent, wanted);
}

}  // namespace

std::string user_name(uid_t id) {
  const passwd* const entry = first_user([&](const passwd& one) { return one.pw_uid == id; });
  return entry == nullptr ? std::to_string(id) : entry->pw_name;
}

std::string group_name(gid_t id) {
  const group* const entry = first_group([&](const group& one) { return one.gr_gid == id; });
  return entry == nullptr ? std::to_string(id) : entry->gr_name;
}

std::optional<User> user_of(const std::string& name) {
  const passwd* const entry = first_user([&](const passwd& one) { return one.pw_name == name; });
  return entry == nullptr ? std::nullopt : std::optional(User{entry->pw_uid, entry->pw_gid});
}

std::optional<gid_t> group_of(const std::string& name) {
  const group* const entry = first_group([&](const group& one) { return one.gr_name == name; });
  return entry == nullptr ? std::nullopt : std::optional(entry->gr_gid);
}

}  // namespace clusterbind::tool
