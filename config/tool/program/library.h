// Finds the library's file, and its version.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/library_name.h"

namespace clusterbind::tool {

/// The library that belongs to this tool: in the same build folder, or in the same installation.
std::optional<std::string> own_library();

/// The version in a library's file, which contains the text "libclusterbind VERSION"; empty if
/// there is none.
std::string library_version(const std::string& path);

/// A warning if own_library() has another version than this tool; otherwise empty.
std::string version_warning();

/// The folders in which ld.so looks for a bare name, in secure execution too, for ELF files of this
/// class (32 or 64) and machine (EM_* of elf.h).
std::vector<std::string> system_folders(int elf_class, unsigned machine);

}  // namespace clusterbind::tool
