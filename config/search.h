// How a lookup finds its place in the lists of compiled rules.
#pragma once

#include <cstddef>
#include <cstdint>

#include "config/layout.h"

namespace clusterbind {

constexpr bool is_before(uint32_t a, uint32_t b) {
  return a < b;
}
constexpr bool is_before(const Number128& a, const Number128& b) {
  return a < b;
}

/// Finds the first of `count` (at least 1) ascending items that does not end before `key`; if there
/// is no other, that is the last item. No branch depends on the data.
template <typename Item, typename Key>
[[gnu::always_inline]] inline const Item& search(const Item* items, size_t count, Key key) {
  while (count > 1) {
    const size_t half = count / 2;
    items += is_before(items[half - 1].last, key) ? half : 0;
    count -= half;
  }
  return *items;
}

/// The same for a list that is cut into slices (layout.h).
template <typename Item, typename SliceKey, typename Start, typename Key>
[[gnu::always_inline]] inline const Item& search(const Item* items, size_t count,
                                                 const Slices<SliceKey>& slices,
                                                 const Start* starts, Key key) {
  const auto begin = slice_key(key);
  if (begin < slices.base) return items[0];
  const auto slice = (begin - slices.base) >> slices.width;
  if (slice >= slices.count) return items[count - 1];
  const size_t first = starts[slice];
  return search(items + first, starts[slice + 1] - first + 1, key);
}

/// A lookup walks through a list of up to this many items instead of searching it. Most lists are
/// short, and the same key is looked up again and again, so the processor predicts the branches.
constexpr size_t few = 8;

template <typename Item, typename Key>
[[gnu::always_inline]] inline const Item& walk(const Item* items, Key key) {
  while (is_before(items->last, key)) ++items;
  return *items;
}

/// The offset of the innermost prefix around an address, or no_rule.
template <typename Key>
[[gnu::always_inline]] inline uint32_t innermost(const Intervals<Key>& intervals, Key key) {
  if (intervals.count <= few) return walk(intervals.list, key).node;
  return search(intervals.list, intervals.count, intervals.slices, intervals.starts, key).node;
}

}  // namespace clusterbind
