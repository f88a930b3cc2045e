// Splits texts into UTF-8 characters, so that nothing else goes to a log or a terminal.
#pragma once

#include <cstddef>
#include <string_view>

namespace clusterbind {

/// The length in bytes of the character at the beginning of a text; 0 if there is no valid one
/// (RFC 3629: no overlong form, no surrogate, nothing beyond U+10FFFF).
size_t utf8_length(std::string_view text);

/// The same, but 0 for a control character too: U+0000 to U+001F, U+007F to U+009F.
size_t printable_length(std::string_view text);

}  // namespace clusterbind
