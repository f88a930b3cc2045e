// The compiled rules. A lookup by destination, port and protocol finds the first rule that matches.
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
#include <span>
#include <string_view>

#include "config/parse.h"
#include "config/rule.h"

namespace clusterbind {

constexpr uint32_t no_rule = UINT32_MAX;

/// The first rule (an index into Syntax::rules) for each Protocol, or no_rule.
struct Match {
  uint32_t first[protocol_count] = {no_rule, no_rule, no_rule};

  /// Compares instead of indexing, so that a Match can stay in registers.
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

/// A range of ports for which a prefix has the same first rules of its own. Ports outside all cells
/// have no rule.
struct Cell {
  uint16_t first;
  uint16_t last;
  Match match;

  Match at(uint16_t port) const { return first <= port && port <= last ? match : Match{}; }
};

/// One prefix of the rules, or `any`. Usually its cells lie directly behind it. A place is an
/// offset from the beginning of the table, in units of place_size.
struct Node {
  uint32_t cells;       // place of the first cell
  uint32_t cell_count;  // at least 1; if there are several, the last one ends at the last port; if
                        // there are more than `few`, their Slices and its starts lie behind them
  uint32_t parent;      // place of the prefix around this one, or no_rule
  uint32_t least;       // the first rule of this prefix and of all prefixes around it
};

/// The unit of places, in bytes.
constexpr size_t place_size = sizeof(Node);
static_assert(sizeof(Cell) == place_size);

/// The addresses after the previous interval's `last`, up to and including this one's: their
/// innermost prefix is the node at place `node`, or there is none (no_rule).
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
/// first item that does not end before the slice; behind these stands the index of the last item.
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

/// The same for items that are cut into slices.
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

/// Up to this many items, a lookup walks through the list instead of searching it. Most lists are
/// short and are asked for the same key again and again, so the processor predicts the branches.
constexpr size_t few = 8;

template <typename Item, typename Key>
[[gnu::always_inline]] inline const Item& walk(const Item* items, Key key) {
  while (is_before(items->last, key)) ++items;
  return *items;
}

/// The place of the innermost prefix around an address, or no_rule.
template <typename Key>
[[gnu::always_inline]] inline uint32_t innermost(const Intervals<Key>& intervals, Key key) {
  if (intervals.count <= few) return walk(intervals.list, key).node;
  return search(intervals.list, intervals.count, intervals.slices, intervals.starts, key).node;
}

/// The ports that `bind` and `refuse` rules may cover. It never misses one, but may report too
/// many: ports that are a multiple of its size apart share a bit.
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

/// The compiled rules for one program. It does not hold the rules themselves: keep Syntax::rules
/// beside it. It points into the result of compile() and never changes, so that any number of
/// threads and signal handlers may read it.
class Ruleset {
 public:
  /// The innermost prefix around a destination, or nullptr if no rule matches it. The wildcard
  /// address is in no prefix, and loopback is not in `any`.
  const Node* prefix_of(const Address& destination) const {
    return destination.family == Family::ipv4
               ? prefix_of_ipv4(static_cast<uint32_t>(destination.low))
               : node(innermost(ipv6_, number_of(destination)));
  }
  const Node* prefix_of_ipv4(uint32_t destination) const {
    return node(innermost(ipv4_, destination));
  }

  /// What the prefix's own rules say of a port, without those of the prefixes around it.
  [[gnu::always_inline]] Match own_match(const Node& prefix, uint16_t port) const {
    const Cell* const cells = at<Cell>(prefix.cells);
    const uint32_t count = prefix.cell_count;
    if (count == 1) return cells->at(port);
    if (count <= few) return walk(cells, uint32_t{port}).at(port);
    const auto* const slices = at<Slices<uint32_t>>(prefix.cells + count);
    const auto* const starts = reinterpret_cast<const uint16_t*>(slices + 1);
    return search(cells, count, *slices, starts, uint32_t{port}).at(port);
  }

  /// The first rule that matches a port of a prefix, for each protocol.
  [[gnu::always_inline]] Match lookup(const Node& prefix, uint16_t port) const {
    return prefix.parent == no_rule ? own_match(prefix, port) : lookup_outwards(prefix, port);
  }

  /// The first rule that matches by destination, port and program, for each protocol.
  Match lookup(const Address& destination, uint16_t port) const {
    const Node* prefix = prefix_of(destination);
    return prefix != nullptr ? lookup(*prefix, port) : Match{};
  }

  /// Whether a `bind` or `refuse` rule may cover the port. False is certain, true is not.
  bool may_act_on(uint16_t port) const { return acting_ports_.may_cover(port); }

  /// Whether a bind rule for this program has `address` as a source address.
  bool is_source(const Address& address) const;

  /// Whether the rules have any source address, or one of a family.
  bool has_sources() const { return !sources_.empty(); }
  bool has_source(Family family) const;

 private:
  friend class Compiler;

  template <typename T>
  const T* at(uint32_t place) const {
    return reinterpret_cast<const T*>(table_ + place * place_size);
  }
  const Node* node(uint32_t place) const { return place == no_rule ? nullptr : at<Node>(place); }

  /// The lookup for a prefix that lies within another.
  Match lookup_outwards(const Node& prefix, uint16_t port) const;

  Intervals<uint32_t> ipv4_;
  const std::byte* table_ = nullptr;  // nodes and cells
  PortFilter acting_ports_;
  Intervals<Number128> ipv6_;
  std::span<const Address> sources_;  // ascending
};

/// The most bytes that compile() needs for a Syntax: for the result, and as scratch space.
struct MemoryNeeded {
  size_t result = 0;
  size_t scratch = 0;
};
MemoryNeeded memory_needed(const Syntax& syntax);

/// Compiles the rules of `syntax` that apply to `program` (an empty name: a program that no rule
/// names). `result` and `scratch` must be aligned for uint64_t and have at least memory_needed()
/// bytes. `used` receives how many bytes of `result` are in use; the rest may be given back.
Ruleset compile(const Syntax& syntax, std::string_view program, std::span<std::byte> result,
                std::span<std::byte> scratch, size_t& used);

}  // namespace clusterbind
