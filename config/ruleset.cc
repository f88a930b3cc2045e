#include "config/ruleset.h"

#include <algorithm>

namespace clusterbind {
namespace {

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

template <typename Key>
uint32_t innermost(const Boundaries<Key>& boundaries, const Key& key) {
  const Key* found = last_not_after(boundaries.starts, boundaries.count, key,
                                    [](const Key& start) -> const Key& { return start; });
  return boundaries.nodes[found - boundaries.starts];
}

uint32_t latest(const Match& match) {
  return std::max({match.first[0], match.first[1], match.first[2]});
}

}  // namespace

Match Ruleset::lookup(const Address& destination, uint16_t port) const {
  Match found;
  if (is_wildcard(destination)) return found;
  const bool is_ipv4 = destination.family == Family::ipv4;
  uint32_t node = is_ipv4 ? innermost(ipv4_, static_cast<uint32_t>(destination.low))
                          : innermost(ipv6_, number_of(destination));
  const uint32_t spared =
      is_loopback(destination) ? any_[static_cast<unsigned>(destination.family)] : no_rule;
  while (node != no_rule && nodes_[node].least < latest(found)) {
    const Node& prefix = nodes_[node];
    if (node != spared) {
      const Cell* cell = last_not_after(cells_ + prefix.cells, prefix.cell_count, uint32_t{port},
                                        [](const Cell& c) { return c.start; });
      for (unsigned i = 0; i < protocol_count; ++i) {
        found.first[i] = std::min(found.first[i], cell->match.first[i]);
      }
    }
    node = prefix.parent;
  }
  return found;
}

bool Ruleset::is_source(const Address& address) const {
  return std::binary_search(sources_.begin(), sources_.end(), address, source_before);
}

bool Ruleset::has_source(Family family) const {
  return std::any_of(sources_.begin(), sources_.end(),
                     [=](const Address& source) { return source.family == family; });
}

}  // namespace clusterbind
