// The interposer's file: where it is, what it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/library_name.h"

namespace clusterbind::tool {

/// The library that belongs to this tool: beside it in a build folder, or where both were
/// installed.
std::optional<std::string> own_library();

/// The version that a library's file carries as the text "libclusterbind VERSION"; empty where it
/// carries none.
std::string library_version(const std::string& path);

/// What to say if own_library() has another version than this tool; empty where nothing is wrong.
std::string version_warning();

/// Where ld.so looks for a bare name, also in secure execution, when it loads ELF files of this
/// class (32 or 64) and machine (EM_* of elf.h).
std::vector<std::string> system_folders(int elf_class, unsigned machine);

}  // namespace clusterbind::tool
