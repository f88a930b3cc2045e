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

/// The compiled rules of one program. Points into the memory that `compile` was given, holds
/// nothing else, and is never changed: any number of threads and signal handlers may read it.
class Ruleset {
 public:
  Ruleset() = default;

  /// The first rule that matches by destination, port and program, for each protocol.
  Match lookup(const Address& destination, uint16_t port) const;

  std::span<const Rule> rules() const { return rules_; }

  /// Whether a bind rule of this program has `address` as a source address.
  bool is_source(const Address& address) const;

 private:
  friend class Compiler;
  std::span<const Rule> rules_;
};

/// Bytes that compile needs at most for `syntax`: its result and, behind that, its scratch space.
size_t memory_needed(const Syntax& syntax);

/// Compiles what `syntax` holds for `program` (an empty name: a program that no rule names).
/// `memory` is aligned for uint64_t and has at least memory_needed() bytes. `used` receives how many
/// of them the result keeps; the rest may be given back.
Ruleset compile(const Syntax& syntax, std::string_view program, std::span<std::byte> memory,
                size_t& used);

}  // namespace clusterbind
