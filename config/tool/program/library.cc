#include "config/tool/program/library.h"

#include <elf.h>
#include <fmt/format.h>

#include <string_view>

#include "config/tool/host/files.h"

namespace clusterbind::tool {
namespace {

// The name of Debian's multiarch folder for an architecture; empty if there is none.
std::string_view triplet(int elf_class, unsigned machine) {
  switch (machine) {
    case EM_X86_64:
      return elf_class == 64 ? "x86_64-linux-gnu" : "x86_64-linux-gnux32";
    case EM_386:
      return "i386-linux-gnu";
    case EM_AARCH64:
      return "aarch64-linux-gnu";
    case EM_ARM:
      return "arm-linux-gnueabihf";
    case EM_PPC64:
      return "powerpc64le-linux-gnu";
    case EM_S390:
      return "s390x-linux-gnu";
    case EM_RISCV:
      return "riscv64-linux-gnu";
    default:
      return {};
  }
}

}  // namespace

std::vector<std::string> system_folders(int elf_class, unsigned machine) {
  std::vector<std::string> folders;
  if (const std::string_view name = triplet(elf_class, machine); !name.empty()) {
    folders.push_back(fmt::format("/lib/{}", name));
    folders.push_back(fmt::format("/usr/lib/{}", name));
  }
  if (elf_class == 64) {
    folders.insert(folders.end(), {"/lib64", "/usr/lib64"});
  }
  folders.insert(folders.end(), {"/lib", "/usr/lib"});
  return folders;
}

std::optional<std::string> own_library() {
  const std::string tool = link_target("/proc/self/exe");
  const std::string folder = tool.substr(0, tool.rfind('/'));
  // The RPM puts the library into lib64, as its distributions do.
  for (const std::string& candidate :
       {folder, folder + "/../" CLUSTERBIND_LIBDIR, folder + "/../lib64",
        std::string(CLUSTERBIND_FULL_LIBDIR)}) {
    const std::string path = resolved(candidate + '/' + library_name);
    if (exists(path)) {
      return path;
    }
  }
  return std::nullopt;
}

std::string library_version(const std::string& path) {
  constexpr std::string_view mark = "libclusterbind ";
  constexpr size_t most = size_t{16} << 20;
  const std::string bytes = read_file(path, most).value_or("");
  for (size_t at = bytes.find(mark); at != bytes.npos; at = bytes.find(mark, at + 1)) {
    const size_t first = at + mark.size();
    const size_t end = bytes.find_first_not_of("0123456789.", first);
    if (end != first && end != bytes.npos && bytes[end] == '\0') {
      return bytes.substr(first, end - first);
    }
  }
  return {};
}

std::string version_warning() {
  const auto library = own_library();
  if (!library) {
    return {};
  }
  const std::string version = library_version(*library);
  if (version == CLUSTERBIND_VERSION) {
    return {};
  }
  return fmt::format("warning: this is version " CLUSTERBIND_VERSION ", but {} is {}", *library,
                     version.empty() ? "of an unknown version" : "version " + version);
}

}  // namespace clusterbind::tool
