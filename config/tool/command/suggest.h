// Suggests the word that was probably meant.
#pragma once

#include <span>
#include <string_view>

namespace clusterbind::tool {

/// The candidate that is nearest to `word`, counting letters that were added, left out, changed or
/// swapped with the next one; empty if none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace clusterbind::tool
