// Cuts a long list of sorted items into slices, so that a search begins near the item that it will
// find.
#pragma once

#include <cstddef>
#include <cstdint>

#include "config/layout.h"

namespace clusterbind {

/// Cuts the keys between the first item and the last into up to `most` slices. The first and the
/// last item reach to the ends of the key range.
template <typename Item, typename Key>
void cut_slices(const Item* items, size_t count, size_t most, Slices<Key>& slices) {
  slices.base = slice_key(items[0].last);
  const auto range = slice_key(items[count - 2].last) - slices.base;
  while (range >> slices.width >= most) ++slices.width;
  slices.count = static_cast<uint32_t>(range >> slices.width) + 1;
}

/// Writes the list of starts that goes with the slices (layout.h).
template <typename Item, typename Key, typename Start>
void write_starts(const Item* items, size_t count, const Slices<Key>& slices, Start* starts) {
  size_t next = 0;
  for (uint32_t i = 0; i < slices.count; ++i) {
    while (next < count - 1 && (slice_key(items[next].last) - slices.base) >> slices.width < i) {
      ++next;
    }
    starts[i] = static_cast<Start>(next);
  }
  starts[slices.count] = static_cast<Start>(count - 1);
}

}  // namespace clusterbind
