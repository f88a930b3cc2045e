#include "config/tool/command/suggest.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace clusterbind::tool {
namespace {

/// How many letters have to be added, taken away, changed, or swapped with the next one.
size_t distance(std::string_view from, std::string_view to) {
  const size_t width = to.size() + 1;
  std::vector<size_t> table((from.size() + 1) * width);
  const auto at = [&](size_t i, size_t j) -> size_t& { return table[i * width + j]; };
  for (size_t i = 0; i <= from.size(); ++i) {
    for (size_t j = 0; j <= to.size(); ++j) {
      if (i == 0 || j == 0) {
        at(i, j) = i + j;
        continue;
      }
      const size_t changed = at(i - 1, j - 1) + (from[i - 1] == to[j - 1] ? 0 : 1);
      at(i, j) = std::min({changed, at(i - 1, j) + 1, at(i, j - 1) + 1});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
      }
    }
  }
  return table.back();
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr size_t longest = 32;  // no word of ours is as long
  std::string_view best;
  size_t least = word.size() > longest ? 0 : std::max<size_t>(word.size() / 3, 1) + 1;
  for (const std::string_view candidate : candidates) {
    const size_t here = least == 0 ? 0 : distance(word, candidate);
    if (here < least) {
      best = candidate;
      least = here;
    }
  }
  return best;
}

}  // namespace clusterbind::tool
