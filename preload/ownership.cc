#include "preload/ownership.h"

#include <span>
#include <string_view>

#include "preload/file.h"

namespace clusterbind {
namespace {

/// The text of a file of /proc. Empty where it can't be read, or has no end within `out`.
std::string_view read_text(const char* path, std::span<char> out) {
  const File file(path);
  const long size = file.error() == 0 ? file.read(out) : -1;
  if (size <= 0 || static_cast<size_t>(size) == out.size()) return {};
  return {out.data(), static_cast<size_t>(size)};
}

}  // namespace

const char* distrust(const struct stat& file, const Reader& reader) {
  char overflow_uid[32];
  char
      uid_map[1024];  // this may be the small stack of a signal handler; most maps have three lines
  return distrust(file, reader, [&] {
    UserNamespace where;
    where.overflow_uid = read_text("/proc/sys/kernel/overflowuid", overflow_uid);
    where.uid_map = read_text("/proc/self/uid_map", uid_map);
    where.has_folder = stat("/etc", &where.folder) == 0;
    return where;
  });
}

}  // namespace clusterbind
