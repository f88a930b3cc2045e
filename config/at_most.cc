// An upper bound for the lists of a rule text, without parsing it.
#include <algorithm>

#include "config/parse.h"

namespace clusterbind {
namespace {

/// Splits a text at each `mark`, and calls `take` with each part that is not blank.
template <typename Take>
void each_part(std::string_view text, char mark, Take take) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(mark), text.size());
    const size_t begin = text.find_first_not_of(" \t\r");
    if (begin < end) take(std::string_view(text.data() + begin, end - begin));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

Counts at_most(std::string_view text) {
  size_t rules = 1;
  size_t elements = 0;  // of one kind of clause, which each rule has at most once
  each_part(text, '\n', [&](std::string_view line) {
    if (line[0] == '#') return;
    each_part({line.data(), std::min(line.find('#'), line.size())}, ';',
              [&](std::string_view statement) {
                ++rules;
                each_part(statement, ',', [&](std::string_view) { ++elements; });
              });
  });
  // A text that has more is wrong anyway, because of its limits.
  rules = std::min(rules, text.size() / std::string_view("refuse").size() + 1);
  elements = std::min<size_t>(elements, combination_limit) + rules;
  return {rules, elements, elements, elements, elements, elements};
}

}  // namespace clusterbind
