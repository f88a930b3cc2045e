// What an ELF file wants from other ones, and what it has for them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace clusterbind::tool {

/// A version that a file needs of a library: "GLIBC_2.34" of "libc.so.6".
struct VersionNeed {
  std::string library;
  std::string version;
};

struct Linkage {
  std::vector<std::string> needed;    // names of libraries
  std::string search;                 // DT_RUNPATH, or else DT_RPATH; folders with colons between
  std::vector<VersionNeed> versions;  // without which ld.so ends the program
  std::set<std::string> defines;      // versions that it has
  std::set<std::string> imports;      // symbols that must be found elsewhere; weak ones need not
  std::set<std::string> exports;      // symbols that it has
};

/// Reads the dynamic section of an ELF file of this machine's byte order. Nothing where there is
/// none or it cannot be read.
std::optional<Linkage> read_linkage(const std::string& path);

}  // namespace clusterbind::tool
