// Words as systemd writes and reads them: systemd.syntax(7), "Quoting".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clusterbind::tool {

/// The words of a line, without their quotes and escapes.
std::vector<std::string> unit_words(std::string_view line);

/// A word for a unit file: quoted where it has to be, with % doubled, so that it stands for itself.
std::string unit_word(std::string_view word);

/// The same where the text has specifiers (%i) that systemd shall replace.
std::string unit_word_with_specifiers(std::string_view word);

/// The same for a command line, where $ begins a variable.
std::string command_word(std::string_view word);

}  // namespace clusterbind::tool
