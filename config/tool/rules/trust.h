// Whether the library would trust a rule file on this host: config/origin.h decides, and this file
// reads the facts that it needs.
#pragma once

#include <string>

#include "config/origin.h"

namespace clusterbind::tool {

/// Why a process would refuse a file with this stat(2), or null.
const char* distrust_here(const struct stat& file, const Reader& reader);

/// What to do about a file that is refused: a command or, if a user namespace is the reason, what
/// is required there.
std::string trust_hint(const std::string& path, const struct stat& file);

}  // namespace clusterbind::tool
