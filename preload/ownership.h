// Whether a rule file may be trusted. config/origin.h decides; this file reads the facts for it.
#pragma once

#include "config/origin.h"

namespace clusterbind {

/// Why an open rule file cannot be trusted, by its fstat(2), or null if it can. May change errno.
[[gnu::cold]] const char* distrust(const struct stat& file, const Reader& reader);

}  // namespace clusterbind
