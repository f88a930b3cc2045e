// How compiled rules lie in memory. compile() writes this form; lookups in the library and in the
// kernel read it.
//
// The destinations of all rules are prefixes, so they form a tree: two prefixes are disjoint, or
// one contains the other. The compiled form is that tree and, for each family, the sorted list of
// the addresses at which the innermost prefix changes. A lookup finds the innermost prefix by
// binary search and walks to the root: at most 33 or 129 steps, in practice two or three. Each
// prefix has the ports of its own rules as sorted cells, with the first rule for each protocol. The
// time of a lookup grows with the logarithm of the number of rules, the memory linearly.
//
// A lookup spends its time on memory that is not in the caches, and on pages that are not in the
// TLB, which a system call may have emptied. So a prefix lies beside its cells. Long lists are cut
// into slices of the key range, and a table says where in the list to search for each slice.
#pragma once

#include <cstddef>
#include <cstdint>

#include "config/address.h"
#include "config/rule.h"

namespace clusterbind {

constexpr uint32_t no_rule = UINT32_MAX;

/// The first rule that matches, for each Protocol: an index into ParsedRules::rules, or no_rule.
struct Match {
  uint32_t first[protocol_count] = {no_rule, no_rule, no_rule};

  /// Compares the protocol instead of using it as an index, so that a Match can stay in registers.
  uint32_t operator[](Protocol protocol) const {
    if (protocol == Protocol::tcp) return first[0];
    return protocol == Protocol::udp ? first[1] : first[2];
  }
  friend bool operator==(const Match&, const Match&) = default;
};

/// An IPv6 address as a number, for comparisons.
struct Number128 {
  uint64_t high;
  uint64_t low;

  [[gnu::always_inline]] friend constexpr bool operator==(const Number128& a, const Number128& b) {
    return a.high == b.high && a.low == b.low;
  }
  friend constexpr bool operator<(const Number128& a, const Number128& b) {
    return a.high < b.high || (a.high == b.high && a.low < b.low);
  }
};

constexpr Number128 number_of(const Address& address) {
  return {address.high, address.low};
}

/// The order of source addresses in a Ruleset.
constexpr bool source_before(const Address& a, const Address& b) {
  const Number128 left = number_of(a);
  const Number128 right = number_of(b);
  return left == right ? a.family < b.family : left < right;
}

/// A cell: a range of ports that have the same first rules, among the rules of one prefix. A port
/// outside all cells has no rule.
struct Cell {
  uint16_t first;
  uint16_t last;
  Match match;

  Match at(uint16_t port) const { return first <= port && port <= last ? match : Match{}; }
};

/// One prefix of the rules, or `any`. Usually its cells lie directly after it. Offsets count
/// from the beginning of the table, in units of offset_unit.
struct Node {
  uint32_t cells;       // offset of the first cell
  uint32_t cell_count;  // at least 1. If there are several, the last one ends at the last port. If
                        // there are more than `few`, their Slices and its starts follow them
  uint32_t parent;      // offset of the prefix around this one, or no_rule
  uint32_t least;       // the lowest index of a rule of this prefix or of a prefix around it
};

/// The unit of offsets, in bytes.
constexpr size_t offset_unit = sizeof(Node);
static_assert(sizeof(Cell) == offset_unit);

/// The addresses after the previous interval's `last`, up to and including this one's. `node` is
/// the offset of their innermost prefix, or no_rule if they have none.
template <typename Key>
struct Interval {
  Key last;
  uint32_t node;
};

/// The part of a key that selects its slice: a port, an IPv4 address, or the first half of an IPv6
/// address.
constexpr uint32_t slice_key(uint32_t key) {
  return key;
}
constexpr uint64_t slice_key(const Number128& key) {
  return key.high;
}

/// The range of keys of a long list of items, cut into slices of 2^width keys: slice i begins at
/// base + (i << width). A list of starts goes with it. It has, for each slice, the index of the
/// first item that does not end before the slice; after these stands the index of the last item.
template <typename Key>
struct Slices {
  Key base = 0;
  uint32_t width = 0;
  uint32_t count = 0;
};

/// All intervals of one family, in ascending order. The last one ends at the family's last address.
template <typename Key>
struct Intervals {
  const Interval<Key>* list = nullptr;
  size_t count = 0;
  const uint32_t* starts = nullptr;  // of the slices, if there are more than `few` intervals
  Slices<decltype(slice_key(Key{}))> slices;
};

}  // namespace clusterbind
