// Text for people: colours, and bytes of unknown origin made harmless.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace clusterbind::tool {

enum class Colour { error, warning, good, heading };

/// `text` in a colour where standard output (or standard error) is a terminal and NO_COLOR is unset
/// or empty; unchanged otherwise.
std::string paint(Colour colour, std::string_view text, bool to_stderr = false);

/// `text` with `?` for control characters (tabs are kept) and for bytes that are not UTF-8: it may
/// come from a file that someone else wrote.
std::string printable(std::string_view text);

/// Puts an item behind a list, with a separator where it is not the first.
void append(std::string& list, std::string_view item, std::string_view separator = ", ");

/// "1 rule", "2 rules".
std::string counted(size_t count, std::string_view noun);

}  // namespace clusterbind::tool
