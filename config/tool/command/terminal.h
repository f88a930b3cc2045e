// Text for terminals: colours, and removal of control characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace clusterbind::tool {

enum class Colour { error, warning, good, heading };

/// `text` in a colour if standard output (or standard error) is a terminal and NO_COLOR is unset or
/// empty; otherwise unchanged.
std::string paint(Colour colour, std::string_view text, bool to_stderr = false);

/// `text` with `?` in place of control characters (except tabs) and of bytes that are not UTF-8,
/// because it may come from a file that someone else wrote.
std::string printable(std::string_view text);

/// Writes to standard error. If that fails, there is nowhere left to report it: the exit code
/// tells.
void say(std::string_view text);

/// Appends an item to a list, with a separator unless it is the first.
void append(std::string& list, std::string_view item, std::string_view separator = ", ");

/// "1 rule", "2 rules".
std::string counted(size_t count, std::string_view noun);

}  // namespace clusterbind::tool
