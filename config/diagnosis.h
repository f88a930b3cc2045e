// The errors of a rule text for a person to read: one for each mistake, with a hint.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/parse.h"

namespace clusterbind {

/// A line of a text, by its number from 1.
std::string_view line_of(std::string_view text, uint32_t line);

/// An error, with its place in the given text, and its hint.
struct Mistake {
  Error error;
  std::string hint;
};

struct Diagnosis {
  std::vector<Mistake> mistakes;  // the first ones, at most Errors::kept
  size_t more = 0;                // how many more errors there are
};

/// Finds the errors of a text. Leaves out those that disappear if an earlier one is corrected as
/// its hint says.
Diagnosis diagnose(std::string_view text);

}  // namespace clusterbind
