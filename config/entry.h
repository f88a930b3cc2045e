// The destinations of the rules as a list that compile() sorts.
#pragma once

#include <cstdint>

#include "config/layout.h"

namespace clusterbind {

/// One destination of one rule, before it is put into the tree.
struct Entry {
  Number128 first;
  uint32_t rank;  // sorts prefixes that have the same first address: the outermost comes first
  uint32_t rule;
};

/// `any` lies inside /0, which contains loopback, and around all other prefixes.
constexpr uint32_t any_rank = 1;

constexpr uint32_t rank_of(unsigned length) {
  return 2 * length;
}
constexpr unsigned length_of(uint32_t rank) {
  return rank == any_rank ? 0 : (rank + 1) / 2;
}

/// The loopback prefix, which `any` does not include. This entry sorts before a prefix in the rules
/// that has the same addresses.
constexpr Entry loopback(Family family) {
  if (family == Family::ipv4) return {{0, 127U << 24}, rank_of(8) - 1, no_rule};
  return {{0, 1}, rank_of(128) - 1, no_rule};
}

/// The order of entries. With the family as the rank, it is that of source_before().
inline bool before(const Entry& a, const Entry& b) {
  if (!(a.first == b.first)) return a.first < b.first;
  if (a.rank != b.rank) return a.rank < b.rank;
  return a.rule < b.rule;
}

/// Sorts entries; quick if they are sorted already.
void sort(Entry* first, Entry* last);

inline bool is_same(const Entry& a, const Entry& b) {
  return a.first == b.first && a.rank == b.rank;
}

}  // namespace clusterbind
