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

  uint32_t operator[](Protocol protocol) const { return first[static_cast<unsigned>(protocol)]; }
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

/// Ports of one prefix from `start` to the next cell: its own first rules.
struct Cell {
  uint32_t start;
  Match match;
};

/// One prefix of the rules, or `any`.
struct Node {
  uint32_t cells;       // index of its first cell
  uint32_t cell_count;  // at least 1
  uint32_t parent;      // the prefix around this one, or no_rule
  uint32_t least;       // the first rule of this prefix and of all around it
};

/// The innermost prefix (or no_rule) from each of the ascending addresses on. The first is 0.
template <typename Key>
struct Boundaries {
  const Key* starts = nullptr;
  const uint32_t* nodes = nullptr;
  size_t count = 0;
};

constexpr bool not_after(uint32_t a, uint32_t b) {
  return a <= b;
}
constexpr bool not_after(const Number128& a, const Number128& b) {
  return !(b < a);
}

/// The last of `count` (at least 1) ascending items that is not after `key`; the first never is.
/// Without a branch that depends on the data: the search is taken by every lookup.
template <typename Item, typename Key, typename Start>
const Item* last_not_after(const Item* items, size_t count, const Key& key, Start start) {
  while (count > 1) {
    const size_t half = count / 2;
    items += not_after(start(items[half]), key) ? half : 0;
    count -= half;
  }
  return items;
}

/// The innermost prefix around an address, or no_rule.
template <typename Key>
uint32_t innermost(const Boundaries<Key>& boundaries, const Key& key) {
  const Key* found = last_not_after(boundaries.starts, boundaries.count, key,
                                    [](const Key& start) -> const Key& { return start; });
  return boundaries.nodes[found - boundaries.starts];
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
  /// The first rule that matches by destination, port and program, for each protocol.
  Match lookup(const Address& destination, uint16_t port) const;

  /// Whether, at a glance, no rule does anything to this destination. False says nothing.
  bool is_outside(const Address& destination, uint16_t port) const {
    return !acting_ports_.may_cover(port) || innermost(destination) == no_rule;
  }

  /// The same for IPv4 alone, in as few instructions as can be.
  bool is_outside_ipv4(uint32_t destination, uint16_t port) const {
    return !acting_ports_.may_cover(port) || clusterbind::innermost(ipv4_, destination) == no_rule;
  }

  /// All rules of the text, in its order.
  std::span<const Rule> rules() const { return rules_; }

  /// Whether a bind rule for this program has `address` as a source address.
  bool is_source(const Address& address) const;

  /// Whether there is a source address of the family.
  bool has_source(Family family) const;

 private:
  friend class Compiler;

  uint32_t innermost(const Address& destination) const {
    return destination.family == Family::ipv4
               ? clusterbind::innermost(ipv4_, static_cast<uint32_t>(destination.low))
               : clusterbind::innermost(ipv6_, number_of(destination));
  }

  const Cell& cell_of(const Node& prefix, uint32_t port) const;

  PortFilter acting_ports_;
  std::span<const Rule> rules_;
  std::span<const Address> sources_;  // ascending
  const Node* nodes_ = nullptr;
  const Cell* cells_ = nullptr;
  Boundaries<uint32_t> ipv4_;
  Boundaries<Number128> ipv6_;
  uint32_t any_[2] = {no_rule, no_rule};  // the node of `any`, by family
};

/// Bytes that compile needs at most for `syntax`: its result and its scratch space.
size_t memory_needed(const Syntax& syntax);

/// Compiles what `syntax` holds for `program` (an empty name: a program that no rule names).
/// `memory` is aligned for uint64_t and has at least memory_needed() bytes. `used` receives how
/// many of them the result keeps; the rest may be given back.
Ruleset compile(const Syntax& syntax, std::string_view program, std::span<std::byte> memory,
                size_t& used);

}  // namespace clusterbind
