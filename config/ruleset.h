// Rules compiled for lookup by destination, port and protocol: the first rule that matches.
//
// The destinations of all rules are prefixes, so they form a tree (two prefixes are disjoint or one
// contains the other). The compiled form is that tree and, for each family, the sorted list of the
// addresses at which the innermost prefix changes. A lookup finds the innermost prefix by binary
// search and walks to the root: at most 33 or 129 steps, in practice two or three. Each prefix has
// the ports of its own rules as sorted cells, with the first rule of each protocol. Time grows with
// the logarithm of the number of rules, memory linearly.
//
// What a lookup costs is memory that is not in the caches, and pages that are not in the TLB, which
// a system call may have emptied. So a prefix lies beside its cells, and where there are many, a
// table of slices of the address range says between which of them to search.
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

  /// Not by an index, so that a Match can stay in registers.
  uint32_t operator[](Protocol protocol) const {
    if (protocol == Protocol::tcp) return first[0];
    return protocol == Protocol::udp ? first[1] : first[2];
  }
  friend bool operator==(const Match&, const Match&) = default;
};

/// An IPv6 address as a number that compares in one step where the machine can.
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

/// Ports of one prefix with the same first rules of its own; other ports have none.
struct Cell {
  uint16_t first;
  uint16_t last;
  Match match;

  Match at(uint16_t port) const { return first <= port && port <= last ? match : Match{}; }
};

/// One prefix of the rules, or `any`. Its cells lie behind it as a rule.
struct Node {
  uint32_t cells;       // place of the first
  uint32_t cell_count;  // at least 1; of several the last ends at the last port; behind more than
                        // `few` lie their slices and the starts of these
  uint32_t parent;      // place of the prefix around this one, or no_rule
  uint32_t least;       // the first rule of this prefix and of all around it
};

/// What the places of nodes and cells count in.
constexpr size_t place_size = sizeof(Node);
static_assert(sizeof(Cell) == place_size);

/// Up to `last`, from the one before on, the innermost prefix is that at place `node` (or no_rule).
template <typename Key>
struct Interval {
  Key last;
  uint32_t node;
};

/// What slices are told apart by: a port, an IPv4 address, or the first half of an IPv6 one.
constexpr uint32_t slice_key(uint32_t key) {
  return key;
}
constexpr uint64_t slice_key(const Number128& key) {
  return key.high;
}

/// The keys between the first of many items and the last, cut: slice i is 2^width keys from
/// base + (i << width) on. With it goes a list of starts: of each slice the index of the first item
/// that does not end before it, and behind them that of the last item.
template <typename Key>
struct Slices {
  Key base = 0;
  uint32_t width = 0;
  uint32_t count = 0;
};

/// All of one family, ascending, up to its last address.
template <typename Key>
struct Intervals {
  const Interval<Key>* list = nullptr;
  size_t count = 0;
  const uint32_t* starts = nullptr;  // of the slices, where there are more than `few`
  Slices<decltype(slice_key(Key{}))> slices;
};

constexpr bool is_before(uint32_t a, uint32_t b) {
  return a < b;
}
constexpr bool is_before(const Number128& a, const Number128& b) {
  return a < b;
}

/// The first of `count` (at least 1) ascending items that does not end before `key`; the last never
/// does. Without a branch that depends on the data.
template <typename Item, typename Key>
[[gnu::always_inline]] inline const Item& search(const Item* items, size_t count, Key key) {
  while (count > 1) {
    const size_t half = count / 2;
    items += is_before(items[half - 1].last, key) ? half : 0;
    count -= half;
  }
  return *items;
}

/// The same of sliced items.
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

/// Most lists are short, and are asked for the same again and again: there the processor foresees
/// the branches of a walk.
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

/// Which ports a rule that does anything may cover: never too few, at times too many, because ports
/// that are a multiple of its size apart share a bit.
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

/// The compiled rules of one program, but for the rules themselves: those of the Syntax, to be kept
/// beside it. Points into the result of `compile` and is never changed: any number of
/// threads and signal handlers may read it.
class Ruleset {
 public:
  /// The innermost prefix around a destination, or nullptr: no rule matches it. The wildcard
  /// address is in none, and loopback not in `any`.
  const Node* prefix_of(const Address& destination) const {
    return destination.family == Family::ipv4
               ? prefix_of_ipv4(static_cast<uint32_t>(destination.low))
               : node(innermost(ipv6_, number_of(destination)));
  }
  const Node* prefix_of_ipv4(uint32_t destination) const {
    return node(innermost(ipv4_, destination));
  }

  /// What the rules of a prefix itself say of a port.
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

  /// Whether a rule that does anything may cover the port. False is sure.
  bool may_act_on(uint16_t port) const { return acting_ports_.may_cover(port); }

  /// Whether a bind rule for this program has `address` as a source address.
  bool is_source(const Address& address) const;

  /// Whether there is a source address at all, and of a family.
  bool has_sources() const { return !sources_.empty(); }
  bool has_source(Family family) const;

 private:
  friend class Compiler;

  template <typename T>
  const T* at(uint32_t place) const {
    return reinterpret_cast<const T*>(table_ + place * place_size);
  }
  const Node* node(uint32_t place) const { return place == no_rule ? nullptr : at<Node>(place); }

  /// Where prefixes contain each other.
  Match lookup_outwards(const Node& prefix, uint16_t port) const;

  Intervals<uint32_t> ipv4_;
  const std::byte* table_ = nullptr;  // nodes and cells
  PortFilter acting_ports_;
  Intervals<Number128> ipv6_;
  std::span<const Address> sources_;  // ascending
};

/// Bytes that compile needs at most for a Syntax: for the result, and to work in.
struct MemoryNeeded {
  size_t result = 0;
  size_t scratch = 0;
};
MemoryNeeded memory_needed(const Syntax& syntax);

/// Compiles what `syntax` holds for `program` (an empty name: a program that no rule names).
/// `result` and `scratch` are aligned for uint64_t and have at least memory_needed() bytes. `used`
/// receives how many bytes of `result` are kept; the rest may be given back.
Ruleset compile(const Syntax& syntax, std::string_view program, std::span<std::byte> result,
                std::span<std::byte> scratch, size_t& used);

}  // namespace clusterbind
