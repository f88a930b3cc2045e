// The hints: what to write instead of what is wrong in a rule text. The tools print them, the
// library does not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/parse.h"

namespace clusterbind {

/// A line of a text, by its number from 1.
std::string_view line_of(std::string_view text, uint32_t line);

/// The hint for an error that parse() found in `text`: one sentence, never empty.
std::string hint_of(const Error& error, std::string_view text);

}  // namespace clusterbind
