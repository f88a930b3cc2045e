#include "preload/ownership.h"

#include <span>
#include <string_view>

#include "preload/file.h"
#include "preload/kernel.h"
#include "preload/memory.h"

namespace clusterbind {
namespace {

constexpr size_t id_text = 32;
constexpr size_t map_text = 4000;  // most maps have three lines

/// The text of a file in /proc. Empty if it cannot be read, or does not fit into `out`.
std::string_view read_text(const char* path, std::span<char> out) {
  const File file(path);
  const long size = file.error() == 0 ? file.read(out) : -1;
  if (size <= 0 || static_cast<size_t>(size) == out.size()) return {};
  return {out.data(), static_cast<size_t>(size)};
}

}  // namespace

const char* distrust(const struct stat& file, const Reader& reader) {
  return distrust(file, reader, [] {
    UserNamespace where;
    // Not on the stack, because a signal handler's may be small. The memory is kept, because few
    // processes need it.
    Pages texts(Pages::padded<char>(id_text) + Pages::padded<char>(map_text), &own.scratch);
    if (!texts) return where;
    where.overflow_uid = read_text("/proc/sys/kernel/overflowuid", texts.take<char>(id_text));
    where.uid_map = read_text("/proc/self/uid_map", texts.take<char>(map_text));
    where.has_folder = kernel::stat("/etc", where.folder) == 0;
    texts.keep_all();
    return where;
  });
}

}  // namespace clusterbind
