// Words as systemd writes and reads them: systemd.syntax(7), "Quoting".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clusterbind::tool {

/// The words of a line, without quotes and escapes.
std::vector<std::string> unit_words(std::string_view line);

/// A word for a unit file: quoted if necessary, and with % doubled, so that it is taken literally.
std::string unit_word(std::string_view word);

/// The same for a text with specifiers (%i), which systemd is to expand.
std::string unit_word_with_specifiers(std::string_view word);

/// The same for a word of a command line, where $ begins a variable.
std::string command_word(std::string_view word);

}  // namespace clusterbind::tool
