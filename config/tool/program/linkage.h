// The symbols and versions that an ELF file needs and provides.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace clusterbind::tool {

/// A version of a library that a file needs: "GLIBC_2.34" of "libc.so.6".
struct VersionNeed {
  std::string library;
  std::string version;
};

struct Linkage {
  std::vector<std::string> needed;    // names of libraries
  std::string search;                 // DT_RUNPATH, or else DT_RPATH: folders separated by colons
  std::vector<VersionNeed> versions;  // without them ld.so ends the program
  std::set<std::string> defines;      // versions that it provides
  std::set<std::string> imports;      // symbols that others must provide, without weak ones
  std::set<std::string> exports;      // symbols that it provides
};

/// Reads the dynamic section of an ELF file of this machine's byte order. Nothing if there is none,
/// or if it cannot be read.
std::optional<Linkage> read_linkage(const std::string& path);

}  // namespace clusterbind::tool
