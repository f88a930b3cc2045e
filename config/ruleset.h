// Rules compiled for lookup by destination, port and protocol: the first rule that matches.
//
// The destinations of all rules are prefixes, so they form a tree (two prefixes are disjoint or one
// contains the other). The compiled form is that tree and, for each family, the sorted list of the
// addresses at which the innermost prefix changes. A lookup finds the innermost prefix by binary
// search and walks to the root: at most 33 or 129 steps, in practice two or three. Each prefix has
// the ports of its own rules as sorted cells, with the first rule of each protocol. Time grows with
// the logarithm of the number of rules, memory linearly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "config/parse.h"
#include "config/rule.h"

namespace clusterbind {

constexpr uint32_t no_rule = UINT32_MAX;

/// The first rule (an index into Ruleset::rules) for each Protocol, or no_rule.
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

  friend constexpr bool operator==(const Number128&, const Number128&) = default;
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

/// Ports of one prefix with the same first rules of its own; none has any behind the last cell's
/// and between two cells.
struct Cell {
  uint16_t first;
  uint16_t last;
  Match match;
};

/// One prefix of the rules, or `any`.
struct Node {
  uint32_t cells;       // index of its first cell
  uint32_t cell_count;  // at least 1
  uint32_t parent;      // the prefix around this one, or no_rule
  uint32_t least;       // the first rule of this prefix and of all around it
};

/// Up to `last`, from the one before on, `node` (or no_rule) is the innermost prefix.
template <typename Key>
struct Interval {
  Key last;
  uint32_t node;
};

/// All of one family, ascending, up to its last address.
template <typename Key>
struct Intervals {
  const Interval<Key>* list = nullptr;
  size_t count = 0;
};

constexpr bool is_before(uint32_t a, uint32_t b) {
  return a < b;
}
constexpr bool is_before(const Number128& a, const Number128& b) {
  return a < b;
}

/// The first of `count` (at least 1) ascending items that does not end before `key`; the last never
/// does. Most lists are short, and are asked for the same again and again: the processor foresees
/// the branches of a walk. A search has none that depend on the data.
template <typename Item, typename Key>
[[gnu::always_inline]] inline const Item& first_not_before(const Item* items, size_t count,
                                                           Key key) {
  constexpr size_t few = 8;
  if (count > few) {
    while (count > 1) {
      const size_t half = count / 2;
      items += is_before(items[half - 1].last, key) ? half : 0;
      count -= half;
    }
    return *items;
  }
  while (is_before(items->last, key)) ++items;
  return *items;
}

/// The innermost prefix around an address, or no_rule.
template <typename Key>
[[gnu::always_inline]] inline uint32_t innermost(const Intervals<Key>& intervals, Key key) {
  return first_not_before(intervals.list, intervals.count, key).node;
}

/// Which ports a rule that does anything may cover: never too few, at times too many, because ports
/// that are a multiple of its size apart share a bit.
class PortFilter {
 public:
  bool may_cover(uint32_t port) const { return (words_[port / 32 % count] >> port % 32 & 1) != 0; }

  void add(const PortRange& range) {
    for (uint32_t port = range.low; port <= range.high && port - range.low < 32 * count; ++port) {
      words_[port / 32 % count] |= uint32_t{1} << port % 32;
    }
  }

 private:
  static constexpr uint32_t count = 64;
  uint32_t words_[count] = {};
};

/// The compiled rules of one program. Points into the memory that `compile` was given and is never
/// changed: any number of threads and signal handlers may read it.
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

  /// The cell that a port lies in, or one behind it.
  const Cell& cell_of(const Node& prefix, uint16_t port) const {
    return first_not_before(cells_ + prefix.cells, prefix.cell_count, uint32_t{port});
  }

  /// The first rule that matches a port of a prefix, for each protocol.
  Match lookup(const Node& prefix, uint16_t port) const {
    if (prefix.parent != no_rule) return lookup_outwards(prefix, port);
    const Cell& cell = cell_of(prefix, port);
    return cell.first <= port ? cell.match : Match{};
  }

  /// The first rule that matches by destination, port and program, for each protocol.
  Match lookup(const Address& destination, uint16_t port) const {
    const Node* prefix = prefix_of(destination);
    return prefix != nullptr ? lookup(*prefix, port) : Match{};
  }

  /// Whether a rule that does anything may cover the port. False is sure.
  bool may_act_on(uint16_t port) const { return acting_ports_.may_cover(port); }

  /// All rules of the text, in its order.
  std::span<const Rule> rules() const { return rules_; }

  /// Whether a bind rule for this program has `address` as a source address.
  bool is_source(const Address& address) const;

  /// Whether there is a source address of the family.
  bool has_source(Family family) const;

 private:
  friend class Compiler;

  const Node* node(uint32_t index) const { return index == no_rule ? nullptr : nodes_ + index; }

  /// Where prefixes contain each other.
  Match lookup_outwards(const Node& prefix, uint16_t port) const;

  PortFilter acting_ports_;
  std::span<const Rule> rules_;
  std::span<const Address> sources_;  // ascending
  const Node* nodes_ = nullptr;
  const Cell* cells_ = nullptr;
  Intervals<uint32_t> ipv4_;
  Intervals<Number128> ipv6_;
};

/// Bytes that compile needs at most for `syntax`: its result and its scratch space.
size_t memory_needed(const Syntax& syntax);

/// Compiles what `syntax` holds for `program` (an empty name: a program that no rule names).
/// `memory` is aligned for uint64_t and has at least memory_needed() bytes. `used` receives how
/// many of them the result keeps; the rest may be given back.
Ruleset compile(const Syntax& syntax, std::string_view program, std::span<std::byte> memory,
                size_t& used);

}  // namespace clusterbind
