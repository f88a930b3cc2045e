#include "config/ruleset.h"

#include <algorithm>

namespace clusterbind {
namespace {

uint32_t latest(const Match& match) {
  return std::max({match.first[0], match.first[1], match.first[2]});
}

/// Takes over the rules of `other` that come before those of `found`.
void earlier(Match& found, const Match& other) {
  found.first[0] = std::min(found.first[0], other.first[0]);
  found.first[1] = std::min(found.first[1], other.first[1]);
  found.first[2] = std::min(found.first[2], other.first[2]);
}

}  // namespace

const Cell& Ruleset::cell_of(const Node& prefix, uint32_t port) const {
  return *last_not_after(cells_ + prefix.cells, prefix.cell_count, port,
                         [](const Cell& cell) { return cell.start; });
}

Match Ruleset::lookup(const Address& destination, uint16_t port) const {
  Match found;
  if (is_wildcard(destination)) return found;
  uint32_t node = innermost(destination);
  const uint32_t spared =
      is_loopback(destination) ? any_[static_cast<unsigned>(destination.family)] : no_rule;
  while (node != no_rule && nodes_[node].least < latest(found)) {
    const Node& prefix = nodes_[node];
    if (node != spared) earlier(found, cell_of(prefix, port).match);
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
