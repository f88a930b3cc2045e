// The word that was probably meant.
#pragma once

#include <span>
#include <string_view>

namespace clusterbind::hints {

/// The letters that have to be added, taken away, changed, or swapped with the next one.
size_t distance(std::string_view from, std::string_view to);

/// Whether a word is a misspelling of another: one letter in three, two at most.
inline bool is_near(std::string_view word, std::string_view meant) {
  if (word.size() > 16) return false;
  const size_t away = distance(word, meant);
  return away == 1 || (away == 2 && word.size() >= 5);
}

}  // namespace clusterbind::hints
