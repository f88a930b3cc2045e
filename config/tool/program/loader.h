// What a program's loader (ld.so of glibc, or musl's) does with the library.
#pragma once

#include <string>
#include <vector>

#include "config/tool/program/elf.h"

namespace clusterbind::tool {

/// The paths of a library of this name, for all architectures, from the cache of glibc's ld.so,
/// which ldconfig(8) writes. The one that ld.so prefers comes first.
std::vector<std::string> cached_paths(const std::string& name);

/// The folders in which musl's loader looks for a bare name.
std::vector<std::string> musl_folders(const ElfFile& elf);

struct Fit {
  enum { runs, ends, unknown } outcome = unknown;
  std::string text;  // why the program would end, or why that could not be determined
};

/// Whether a program would run with the library loaded into it. If the program's C library lacks
/// versions or symbols that the library needs, the loader ends the program when it starts. Unknown
/// if that cannot be determined, or if the C library is older than those that the library serves.
Fit fit_of(const std::string& library, const std::string& program, const ElfFile& elf);

}  // namespace clusterbind::tool
