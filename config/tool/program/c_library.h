// The C library of a program: whose it is, and which version.
#pragma once

#include <string>

#include "config/tool/program/elf.h"

namespace clusterbind::tool {

struct CLibrary {
  enum Kind { glibc, musl, other } kind = other;
  std::string version;  // "2.36"; empty where its file does not say it
  std::string path;     // empty where it is not found
};

/// The C library that a dynamic program's loader gives it: musl's loader is one itself, that of
/// glibc lies beside its loader unless the program names another folder. `program` is its path.
CLibrary c_library_of(const std::string& program, const ElfFile& elf);

/// "glibc 2.36 (/lib/x86_64-linux-gnu/libc.so.6)"; "neither glibc nor musl".
std::string c_library_text(const CLibrary& found);

/// The version of glibc or musl from which on the library serves programs, where this one is
/// older; else empty.
std::string first_served(const CLibrary& found);

}  // namespace clusterbind::tool
