#include "config/tool/command/suggest.h"

#include <algorithm>
#include <cstddef>

#include "config/hints/nearest.h"

namespace clusterbind::tool {

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr size_t longest = 32;  // longer than any of our words
  std::string_view best;
  size_t least = word.size() > longest ? 0 : std::max<size_t>(word.size() / 3, 1) + 1;
  for (const std::string_view candidate : candidates) {
    const size_t here = least == 0 ? 0 : hints::distance(word, candidate);
    if (here < least) {
      best = candidate;
      least = here;
    }
  }
  return best;
}

}  // namespace clusterbind::tool
