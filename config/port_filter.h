// Tells quickly that no rule can act on a port, so that most calls need no lookup.
#pragma once

#include <cstdint>

#include "config/rule.h"

namespace clusterbind {

/// The ports that `bind` and `refuse` rules cover. may_cover() is never wrong if it says no. It may
/// say yes for too many ports, because ports that are a multiple of its size apart share a bit.
class PortFilter {
 public:
  bool may_cover(uint32_t port) const { return (words_[port / 32 % count] >> port % 32 & 1) != 0; }

  void add(const PortRange& range) {
    if (range.high - range.low + 1U >= 32 * count) {
      for (uint32_t& word : words_) word = UINT32_MAX;
      return;
    }
    for (uint32_t port = range.low; port <= range.high; ++port) {
      words_[port / 32 % count] |= uint32_t{1} << port % 32;
    }
  }

 private:
  static constexpr uint32_t count = 64;
  uint32_t words_[count] = {};
};

}  // namespace clusterbind
