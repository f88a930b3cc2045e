#include "config/tool/check/families.h"

#include <algorithm>
#include <map>
#include <span>
#include <string_view>

namespace clusterbind::tool {
namespace {

constexpr PortRange every_port[] = {{1, 65535}};

using Ranges = std::vector<PortRange>;

std::span<const PortRange> ports_or_all(const RuleText& rules, uint32_t rule) {
  const auto ports = rules.ports(rule);
  return ports.empty() ? std::span<const PortRange>(every_port) : ports;
}

/// Whether the rule is for every destination of a family, possibly except loopback.
bool spans(const RuleText& rules, uint32_t rule, Family family) {
  const auto destinations = rules.destinations(rule);
  return serves(rules.parsed().rules[rule], family) &&
         (destinations.empty() ||
          std::any_of(destinations.begin(), destinations.end(), [&](const Destination& one) {
            return one.any || (one.length == 0 && one.first.family == family);
          }));
}

/// Sorts the ranges and joins those that overlap.
void normalise(Ranges& ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const PortRange& a, const PortRange& b) { return a.low < b.low; });
  Ranges merged;
  for (const PortRange& range : ranges) {
    if (!merged.empty() && range.low <= merged.back().high + uint32_t{1}) {
      merged.back().high = std::max(merged.back().high, range.high);
    } else {
      merged.push_back(range);
    }
  }
  ranges = std::move(merged);
}

/// The parts of `ports` outside `covered`, which must be normalised.
Ranges outside(std::span<const PortRange> ports, const Ranges& covered) {
  Ranges left;
  for (const PortRange& range : ports) {
    uint32_t low = range.low;
    auto next = std::partition_point(covered.begin(), covered.end(),
                                     [&](const PortRange& one) { return one.high < range.low; });
    for (; next != covered.end() && next->low <= range.high; ++next) {
      if (next->low > low) {
        left.push_back({static_cast<uint16_t>(low), static_cast<uint16_t>(next->low - 1)});
      }
      low = next->high + uint32_t{1};
    }
    if (low <= range.high) {
      left.push_back({static_cast<uint16_t>(low), range.high});
    }
  }
  return left;
}

/// For each program, the ports for which there are rules for every destination of a family. The
/// empty name stands for rules without `program`.
class Coverage {
 public:
  explicit Coverage(const RuleText& rules) {
    for (uint32_t rule = 0; rule < rules.parsed().rules.size(); ++rule) {
      for (const Family family : {Family::ipv4, Family::ipv6}) {
        if (spans(rules, rule, family) &&
            covers(rules.parsed().rules[rule].protocol, Protocol::tcp)) {
          add(rules, rule, family);
        }
      }
    }
    for (auto& by_program : ranges_) {
      for (auto& [program, list] : by_program) {
        normalise(list);
      }
    }
  }

  Ranges left_open(const RuleText& rules, uint32_t rule, Family family) const {
    const auto& by_program = ranges_[static_cast<size_t>(family)];
    const auto ports = ports_or_all(rules, rule);
    Ranges open(ports.begin(), ports.end());
    normalise(open);
    const auto close = [&](std::string_view program) {
      const auto found = by_program.find(program);
      if (found != by_program.end()) {
        open = outside(open, found->second);
      }
    };
    close({});
    std::ranges::for_each(rules.programs(rule), close);
    return open;
  }

 private:
  void add(const RuleText& rules, uint32_t rule, Family family) {
    auto& by_program = ranges_[static_cast<size_t>(family)];
    const auto ports = ports_or_all(rules, rule);
    const auto add_to = [&](std::string_view program) {
      auto& list = by_program[program];
      list.insert(list.end(), ports.begin(), ports.end());
    };
    if (rules.programs(rule).empty()) {
      add_to({});
    }
    std::ranges::for_each(rules.programs(rule), add_to);
  }

  std::map<std::string_view, Ranges> ranges_[2];
};

}  // namespace

std::vector<UncoveredPorts> find_uncovered_ports(const RuleText& rules) {
  const Coverage coverage(rules);
  std::vector<UncoveredPorts> found;
  for (uint32_t rule = 0; rule < rules.parsed().rules.size(); ++rule) {
    const Rule& parts = rules.parsed().rules[rule];
    if (parts.action != Action::bind || !covers(parts.protocol, Protocol::tcp)) {
      continue;
    }
    const bool ipv4 = spans(rules, rule, Family::ipv4);
    if (ipv4 == spans(rules, rule, Family::ipv6)) {
      continue;
    }
    const Family missing = ipv4 ? Family::ipv6 : Family::ipv4;
    Ranges open = coverage.left_open(rules, rule, missing);
    if (!open.empty()) {
      found.push_back({rule, missing, std::move(open)});
    }
  }
  return found;
}

}  // namespace clusterbind::tool
