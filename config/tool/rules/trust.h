// Whether the library would believe a rule file on this host: config/origin.h judges, and what it
// asks for is read here.
#pragma once

#include <string>

#include "config/origin.h"

namespace clusterbind::tool {

/// Why a process would refuse a file, from its stat(2), or null.
const char* distrust_here(const struct stat& file, const Reader& reader);

/// What to do about a file that is refused: a command, or where a user namespace is the reason,
/// what it takes there.
std::string trust_hint(const std::string& path, const struct stat& file);

}  // namespace clusterbind::tool
