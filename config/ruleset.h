// The compiled rules. A lookup by destination, port and protocol finds the first rule that matches.
// How they lie in memory is in config/layout.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "config/layout.h"
#include "config/port_filter.h"
#include "config/rule.h"
#include "config/search.h"

namespace clusterbind {

/// The compiled rules for one program. It does not hold the rules themselves: keep
/// ParsedRules::rules beside it. It points into the result of compile() and never changes, so that
/// any number of threads and signal handlers may read it.
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

  /// The first of the prefix's own rules that match a port, without those of prefixes around it.
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

  /// Whether a `bind` or `refuse` rule may cover the port. False is certain; true may be wrong.
  bool may_act_on(uint16_t port) const { return acting_ports_.may_cover(port); }

  /// Whether a bind rule for this program has `address` as a source address.
  bool is_source(const Address& address) const;

  /// Whether the rules have any source address, or one of a family.
  bool has_sources() const { return !sources_.empty(); }
  bool has_source(Family family) const;

  /// The compiled form itself, for the kernel's program, which also reads it. Offsets count from
  /// the beginning of `table`; the source addresses follow it directly.
  struct Parts {
    std::span<const Interval<uint32_t>> ipv4;
    std::span<const Interval<Number128>> ipv6;
    std::span<const std::byte> table;
    std::span<const Address> sources;
  };
  Parts parts() const {
    return {{ipv4_.list, ipv4_.count},
            {ipv6_.list, ipv6_.count},
            {table_, reinterpret_cast<const std::byte*>(sources_.data())},
            sources_};
  }

 private:
  friend class Compiler;

  template <typename T>
  const T* at(uint32_t offset) const {
    return reinterpret_cast<const T*>(table_ + offset * offset_unit);
  }
  const Node* node(uint32_t offset) const { return offset == no_rule ? nullptr : at<Node>(offset); }

  /// The lookup for a prefix that lies within another.
  Match lookup_outwards(const Node& prefix, uint16_t port) const;

  Intervals<uint32_t> ipv4_;
  const std::byte* table_ = nullptr;  // nodes and cells
  PortFilter acting_ports_;
  Intervals<Number128> ipv6_;
  std::span<const Address> sources_;  // ascending
};

}  // namespace clusterbind
