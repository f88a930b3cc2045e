// The errors of a rule text as a person wants them: one for each mistake.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/parse.h"

namespace clusterbind {

/// An error at its place in the text as it was given, and its hint.
struct Mistake {
  Error error;
  std::string hint;
};

struct Diagnosis {
  std::vector<Mistake> mistakes;  // the first ones, Errors::kept at most
  size_t more = 0;                // how many errors there are besides
};

/// Leaves out the errors that are gone once an earlier one is mended as its hint says.
Diagnosis diagnose(std::string_view text);

}  // namespace clusterbind
