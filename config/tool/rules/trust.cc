#include "config/tool/rules/trust.h"

#include <fmt/format.h>

#include "config/tool/host/files.h"

namespace clusterbind::tool {
namespace {

constexpr const char* map_file = "/proc/self/uid_map";

/// Whether this process is in a user namespace in which ids differ from those outside, or are
/// missing: user_namespaces(7).
bool is_in_user_namespace(const std::string& uid_map) {
  const auto words = split(uid_map, " \n");
  return words.size() != 3 || words[0] != "0" || words[1] != "0";
}

}  // namespace

const char* distrust_here(const struct stat& file, const Reader& reader) {
  std::string overflow_uid;
  std::string uid_map;
  return distrust(file, reader, [&] {
    constexpr size_t most = 65536;
    overflow_uid = read_file("/proc/sys/kernel/overflowuid", most).value_or("");
    uid_map = read_file(map_file, most).value_or("");
    UserNamespace where;
    where.overflow_uid = overflow_uid;
    where.uid_map = uid_map;
    where.has_folder = stat("/etc", &where.folder) == 0;
    return where;
  });
}

std::string trust_hint(const std::string& path, const struct stat& file) {
  if (file.st_uid != 0 && is_in_user_namespace(read_file(map_file, 65536).value_or(""))) {
    return fmt::format(
        "this is a user namespace: its own root must own the file; of files from outside only {} "
        "counts, where it is not named and the namespace has no user of its owner's number",
        default_file);
  }
  return fmt::format("chown root {0}; chmod go-w {0}", path);
}

}  // namespace clusterbind::tool
