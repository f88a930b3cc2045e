// The hint for each kind of error, where the text itself says nothing better.
#pragma once

#include <string>
#include <string_view>

#include "config/parse.h"

namespace clusterbind {

/// What to write instead of an error of this kind, Error::hint. Of the text, it looks at the wrong
/// word alone.
std::string general_hint(const Error& error, std::string_view text);

}  // namespace clusterbind
