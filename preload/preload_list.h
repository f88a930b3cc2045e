// The value of LD_PRELOAD: a list whose entries blanks and colons separate (ld.so(8)).
#pragma once

#include <algorithm>
#include <string_view>

namespace clusterbind {

/// Takes the first entry, and the separator after it, off a list that is not empty. The entry may
/// be empty.
inline std::string_view take_entry(std::string_view& list) {
  const std::string_view entry(list.data(), std::min(list.find_first_of(" :"), list.size()));
  list.remove_prefix(std::min(entry.size() + 1, list.size()));
  return entry;
}

}  // namespace clusterbind
