// What a program's loader (ld.so of glibc, or of musl) makes of the library.
#pragma once

#include <string>
#include <vector>

#include "config/tool/program/elf.h"

namespace clusterbind::tool {

/// Where the cache of glibc's ld.so, which ldconfig(8) writes, has a library of this name; of every
/// architecture, the one that it prefers first.
std::vector<std::string> cached_paths(const std::string& name);

/// The folders in which musl's loader looks for a bare name.
std::vector<std::string> musl_folders(const ElfFile& elf);

struct Fit {
  enum { runs, ends, unknown } outcome = unknown;
  std::string text;  // why it ends the program, or could not be found out
};

/// Whether a program would run with the library loaded into it. What the library wants (versions of
/// symbols from glibc, and the symbols themselves) and the program's C library lacks ends it, at
/// its start. Unknown also where the C library is older than those that the library serves.
Fit fit_of(const std::string& library, const std::string& program, const ElfFile& elf);

}  // namespace clusterbind::tool
