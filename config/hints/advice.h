// What to write instead of what is wrong in a rule text. The tools print it, the library does not.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/parse.h"

namespace clusterbind {

/// A change of a text: the `length` bytes from offset `at` on become `text`.
struct Edit {
  size_t at = 0;
  size_t length = 0;
  std::string text;
};

/// What to write instead of an error that parse() found in a text.
struct Advice {
  std::string hint;         // one sentence, never empty
  std::vector<Edit> edits;  // the changes that the hint proposes; none if only the user can decide
  std::vector<Edit> stand_in = {};  // then: changes for looking at the rest of the text
};
Advice advice_on(const Error& error, std::string_view text);

/// The text with the changes that the advice proposes.
std::string follow(const Advice& advice, std::string_view text);

}  // namespace clusterbind
