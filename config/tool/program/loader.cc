#include "config/tool/program/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"
#include "config/tool/program/c_library.h"
#include "config/tool/program/linkage.h"

namespace clusterbind::tool {
namespace {

constexpr std::string_view libc_name = "libc.so.6";

/// Header and entry of the cache; dl-cache.h of glibc. Offsets of strings count from the header.
struct CacheHeader {
  char magic[20];
  uint32_t count;
  uint32_t rest[6];
};
struct CacheEntry {
  int32_t flags;
  uint32_t name;
  uint32_t path;
  uint32_t os_version;
  uint64_t hardware;
};
constexpr std::string_view cache_magic = "glibc-ld.so.cache1.1";

std::string text_at(std::string_view bytes, uint64_t offset) {
  return offset < bytes.size()
             ? std::string(bytes.substr(offset, bytes.find('\0', offset) - offset))
             : std::string();
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

/// The versions of the C library that the library needs and the C library lacks: "GLIBC_2.33,
/// GLIBC_2.34".
std::string missing_versions(const Linkage& library, const Linkage& c_library) {
  std::vector<std::string> missing;
  for (const VersionNeed& need : library.versions) {
    if (need.library == libc_name && !c_library.defines.contains(need.version)) {
      missing.push_back(need.version);
    }
  }
  std::sort(missing.begin(), missing.end());
  return fmt::format("{}", fmt::join(missing, ", "));
}

/// The symbols that the library needs and that neither the C library nor its loader has.
std::string missing_symbols(const Linkage& library, const Linkage& c_library,
                            const Linkage& loader) {
  constexpr size_t most = 4;
  const bool has_others = std::any_of(
      library.needed.begin(), library.needed.end(),
      [](const std::string& name) { return name != libc_name && !name.starts_with("ld-"); });
  std::vector<std::string> missing;
  for (const std::string& name : library.imports) {
    // Symbols that may come from a third library are not checked.
    if (!has_others && !c_library.exports.contains(name) && !loader.exports.contains(name)) {
      missing.push_back(name);
    }
  }
  const size_t more = missing.size() > most ? missing.size() - most : 0;
  missing.resize(missing.size() - more);
  return fmt::format("{}{}", fmt::join(missing, ", "),
                     more == 0 ? std::string() : fmt::format(" and {} more", more));
}

}  // namespace

std::vector<std::string> cached_paths(const std::string& name) {
  constexpr size_t most = size_t{16} << 20;
  const std::string file = read_file("/etc/ld.so.cache", most).value_or("");
  // Older versions of ldconfig put a cache in another format before this one.
  const size_t start = file.find(cache_magic);
  CacheHeader header = {};
  if (start == file.npos || file.size() - start < sizeof header) {
    return {};
  }
  const std::string_view cache = std::string_view(file).substr(start);
  std::memcpy(&header, cache.data(), sizeof header);
  std::vector<std::string> paths;
  for (uint64_t i = 0; i < header.count; ++i) {
    const uint64_t at = sizeof header + i * sizeof(CacheEntry);
    CacheEntry entry = {};
    if (at + sizeof entry > cache.size()) {
      break;
    }
    std::memcpy(&entry, cache.data() + at, sizeof entry);
    if (text_at(cache, entry.name) == name) {
      paths.push_back(text_at(cache, entry.path));
    }
  }
  return paths;
}

std::vector<std::string> musl_folders(const ElfFile& elf) {
  // Like musl, derives the name of the file with the folders: "ld-musl-x86_64.so.1" reads
  // "../etc/ld-musl-x86_64.path", relative to its own folder.
  std::string_view name = base_name(elf.interpreter);
  name = name.substr(0, name.find(".so"));
  const std::string root = folder_of(folder_of(elf.interpreter));
  const std::string text = read_file(fmt::format("{}/etc/{}.path", root, name), 65536)
                               .value_or("/lib:/usr/local/lib:/usr/lib");
  std::vector<std::string> folders;
  for (const std::string_view folder : split(text, ":\n")) {
    folders.emplace_back(folder);
  }
  return folders;
}

Fit fit_of(const std::string& library, const std::string& program, const ElfFile& elf) {
  const auto wanted = read_linkage(library);
  if (!wanted) {
    return {Fit::unknown, fmt::format("{} cannot be read", library)};
  }
  const CLibrary own = c_library_of(program, elf);
  if (own.kind == CLibrary::other) {
    return {Fit::ends, fmt::format("its loader {} is neither glibc's nor musl's, and the library "
                                   "serves no other C library",
                                   elf.interpreter)};
  }
  if (own.path.empty()) {
    return {Fit::unknown, fmt::format("there is no {} beside its loader {}", libc_name,
                                      resolved(elf.interpreter))};
  }
  const auto found = read_linkage(own.path);
  const auto loader = read_linkage(resolved(elf.interpreter));
  if (!found) {
    return {Fit::unknown, fmt::format("{} cannot be read", own.path)};
  }
  // musl has no symbol versions.
  std::string missing =
      own.kind == CLibrary::musl ? std::string() : missing_versions(*wanted, *found);
  if (missing.empty()) {
    missing = missing_symbols(*wanted, *found, loader.value_or(Linkage()));
  }
  if (!missing.empty()) {
    return {Fit::ends, fmt::format("its C library, {}, lacks {}, which {} needs: its loader would "
                                   "end the program at its start",
                                   c_library_text(own), missing, library)};
  }
  if (const std::string first = first_served(own); !first.empty()) {
    return {Fit::unknown, fmt::format("its C library, {}, is older than {}, from which on the "
                                      "library serves programs",
                                      c_library_text(own), first)};
  }
  return {Fit::runs, {}};
}

}  // namespace clusterbind::tool
