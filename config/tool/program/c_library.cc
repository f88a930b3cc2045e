#include "config/tool/program/c_library.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "config/tool/host/files.h"
#include "config/tool/program/linkage.h"

namespace clusterbind::tool {
namespace {

constexpr size_t most_bytes = size_t{16} << 20;
constexpr std::string_view digits = "0123456789";

/// The first two numbers of "2.36" or "1.2.3"; the third one makes no difference.
std::pair<int, int> numbers_of(std::string_view version) {
  std::pair<int, int> numbers;
  const char* const end = version.data() + version.size();
  const auto first = std::from_chars(version.data(), end, numbers.first);
  if (first.ptr != end) {
    std::from_chars(first.ptr + 1, end, numbers.second);
  }
  return numbers;
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

bool is_of_class(const std::string& path, const ElfFile& elf) {
  const auto other = read_elf(path);
  return other && other->elf_class == elf.elf_class && other->machine == elf.machine;
}

/// The folders of DT_RUNPATH or DT_RPATH, with $ORIGIN expanded.
std::vector<std::string> search_folders(const std::string& program) {
  const auto linkage = read_linkage(program);
  std::vector<std::string> folders;
  const std::string search = linkage ? linkage->search : std::string();
  for (const std::string_view one : split(search, ":")) {
    std::string folder(one);
    for (const std::string_view origin : {"$ORIGIN", "${ORIGIN}"}) {
      if (folder.starts_with(origin)) {
        folder = folder_of(program) + folder.substr(origin.size());
      }
    }
    folders.push_back(folder);
  }
  return folders;
}

/// The version in the text that glibc prints when it is executed (csu/version.c): "GNU C Library
/// (Debian GLIBC 2.36-9) stable release version 2.36." If there is no such text, the newest version
/// of its symbols.
std::string glibc_version(const std::string& path) {
  constexpr std::string_view banner = "GNU C Library ";
  constexpr std::string_view mark = " release version ";
  const std::string bytes = read_file(path, most_bytes).value_or("");
  const size_t start = bytes.find(banner);
  const size_t at = start == bytes.npos ? start : bytes.find(mark, start);
  if (at != bytes.npos) {
    const std::string_view text = std::string_view(bytes).substr(at + mark.size());
    const std::string_view version = text.substr(0, text.find_first_not_of("0123456789."));
    return std::string(version.substr(0, version.find_last_of(digits) + 1));
  }
  constexpr std::string_view prefix = "GLIBC_";
  std::string newest;
  const auto linkage = read_linkage(path);
  for (const std::string& name : linkage ? linkage->defines : std::set<std::string>()) {
    if (name.starts_with(prefix) && numbers_of(newest) < numbers_of(name.substr(prefix.size()))) {
      newest = name.substr(prefix.size());
    }
  }
  return newest;
}

/// musl contains its version, three numbers, as a string (src/internal/version.c).
std::string musl_version(const std::string& path) {
  const std::string bytes = read_file(path, most_bytes).value_or("");
  for (const std::string_view text : split(bytes, std::string_view("\0", 1))) {
    if (text.size() < 12 && std::ranges::count(text, '.') == 2 &&
        text.find_first_not_of("0123456789.") == text.npos && text.find_first_of('.') != 0 &&
        text.back() != '.' && text.find("..") == text.npos) {
      return std::string(text);
    }
  }
  return {};
}

/// Whether the name of a loader is one of glibc's (shlib-versions in its source).
bool is_named_as_glibc(std::string_view loader) {
  return loader.starts_with("ld-linux") || loader.starts_with("ld64.so") ||
         loader.starts_with("ld.so") || loader.starts_with("ld-2.");
}

}  // namespace

CLibrary c_library_of(const std::string& program, const ElfFile& elf) {
  const std::string loader = resolved(elf.interpreter);
  if (is_musl(elf)) {
    return {CLibrary::musl, musl_version(loader), loader};
  }
  std::vector<std::string> folders = search_folders(program);
  folders.push_back(folder_of(loader));
  for (const std::string& folder : folders) {
    const std::string path = folder + "/libc.so.6";
    if (exists(path) && is_of_class(path, elf)) {
      return {CLibrary::glibc, glibc_version(path), path};
    }
  }
  return {
      is_named_as_glibc(base_name(elf.interpreter)) ? CLibrary::glibc : CLibrary::other, {}, {}};
}

std::string c_library_text(const CLibrary& found) {
  if (found.kind == CLibrary::other) {
    return "neither glibc nor musl";
  }
  return fmt::format("{}{}{}", found.kind == CLibrary::glibc ? "glibc" : "musl",
                     found.version.empty() ? "" : " " + found.version,
                     found.path.empty() ? "" : " (" + found.path + ")");
}

std::string first_served(const CLibrary& found) {
  const std::string first = found.kind == CLibrary::glibc ? "2.17" : "1.2";
  return !found.version.empty() && numbers_of(found.version) < numbers_of(first) ? first
                                                                                 : std::string();
}

}  // namespace clusterbind::tool
