#include "config/ruleset.h"

#include <algorithm>

namespace clusterbind {
namespace {

uint32_t latest(const Match& match) {
  return std::max({match.first[0], match.first[1], match.first[2]});
}

/// For each protocol, replaces the rule of `found` with that of `other` if that comes first.
void earlier(Match& found, const Match& other) {
  found.first[0] = std::min(found.first[0], other.first[0]);
  found.first[1] = std::min(found.first[1], other.first[1]);
  found.first[2] = std::min(found.first[2], other.first[2]);
}

}  // namespace

Match Ruleset::lookup_outwards(const Node& prefix, uint16_t port) const {
  Match found;
  for (const Node* next = &prefix; next != nullptr && next->least < latest(found);
       next = node(next->parent)) {
    earlier(found, own_match(*next, port));
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
