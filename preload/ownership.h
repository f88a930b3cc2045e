// Whether a rule file may be believed: the rule is in config/origin.h, what it asks for is read
// here.
#pragma once

#include "config/origin.h"

namespace clusterbind {

/// Why an open rule file cannot be believed, from its fstat(2), or null. May change errno.
[[gnu::cold]] const char* distrust(const struct stat& file, const Reader& reader);

}  // namespace clusterbind
