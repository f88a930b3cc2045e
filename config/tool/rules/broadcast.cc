#include "config/tool/rules/broadcast.h"

#include <set>

#include "config/tool/host/host.h"

namespace clusterbind::tool {

std::vector<BroadcastSource> broadcast_sources(const RuleText& rules) {
  std::vector<BroadcastSource> result;
  std::set<uint64_t> asked;
  for (uint32_t rule = 0; rule < rules.parsed().rules.size(); ++rule) {
    for (const Address& source : rules.sources(rule, Family::ipv4)) {
      if (asked.insert(source.low).second &&
          held_by_this_host(source).presence == Presence::broadcast) {
        result.push_back({source, rule});
      }
    }
  }
  return result;
}

}  // namespace clusterbind::tool
