// Which C library a program uses, and its version.
#pragma once

#include <string>

#include "config/tool/program/elf.h"

namespace clusterbind::tool {

struct CLibrary {
  enum Kind { glibc, musl, other } kind = other;
  std::string version;  // "2.36"; empty if its file does not show it
  std::string path;     // empty if it was not found
};

/// The C library that the loader gives to a dynamic program, whose path is `program`. musl's loader
/// is the C library itself; glibc's lies beside its loader unless the program names another folder.
CLibrary c_library_of(const std::string& program, const ElfFile& elf);

/// "glibc 2.36 (/lib/x86_64-linux-gnu/libc.so.6)"; "neither glibc nor musl".
std::string c_library_text(const CLibrary& found);

/// If this C library is too old, the first version that the library serves; otherwise empty.
std::string first_served(const CLibrary& found);

}  // namespace clusterbind::tool
