#include "config/tool/check/shadowed.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string_view>

namespace clusterbind::tool {
namespace {

// The most lookups for one rule text.
constexpr uint64_t budget_of_lookups = 10'000'000;

constexpr Address ipv4_address(uint64_t low) {
  return {0, low, Family::ipv4};
}
constexpr Address ipv6_address(uint64_t low) {
  return {0, low, Family::ipv6};
}

bool before(const Address& a, const Address& b) {
  return a.high != b.high ? a.high < b.high : a.low < b.low;
}

std::optional<Address> next(Address address) {
  if (address == last_address(address, 0)) {
    return std::nullopt;
  }
  if (++address.low == 0) {
    ++address.high;
  }
  return address;
}

template <typename T, typename Less>
void sort_once(std::vector<T>& list, Less less) {
  std::sort(list.begin(), list.end(), less);
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

/// A range of addresses of one family, both ends included.
struct Block {
  Address first;
  Address last;
};

/// The addresses and ports at which the answer of a lookup can change. Lookups there cover
/// all connections.
class Edges {
 public:
  explicit Edges(const ParsedRules& parsed) {
    // The edges of `any`, of the loopback networks, and of the wildcard addresses.
    addresses_[0] = {ipv4_address(0), ipv4_address(1), ipv4_address(0x7f000000),
                     ipv4_address(0x80000000)};
    addresses_[1] = {ipv6_address(0), ipv6_address(1), ipv6_address(2)};
    for (const Destination& destination : parsed.destinations) {
      if (!destination.any) {
        add(destination);
      }
    }
    ports_ = {1};
    for (const PortRange& range : parsed.ports) {
      ports_.push_back(range.low);
      ports_.push_back(range.high + uint32_t{1});
    }
    sort_once(addresses_[0], before);
    sort_once(addresses_[1], before);
    sort_once(ports_, std::less<>());
  }

  std::span<const Address> within(const Block& block) const {
    const auto& list = addresses_[static_cast<size_t>(block.first.family)];
    const auto low = std::lower_bound(list.begin(), list.end(), block.first, before);
    const auto high = std::upper_bound(low, list.end(), block.last, before);
    return {low, high};
  }

  std::span<const uint32_t> within(const PortRange& range) const {
    const auto low = std::lower_bound(ports_.begin(), ports_.end(), range.low);
    const auto high = std::upper_bound(low, ports_.end(), range.high);
    return {low, high};
  }

 private:
  void add(const Destination& destination) {
    auto& list = addresses_[static_cast<size_t>(destination.first.family)];
    list.push_back(first_address(destination.first, destination.length));
    if (const auto after = next(last_address(destination.first, destination.length))) {
      list.push_back(*after);
    }
  }

  std::vector<Address> addresses_[2];
  std::vector<uint32_t> ports_;
};

class Search {
 public:
  explicit Search(const RuleText& rules)
      : rules_(rules),
        edges_(rules.parsed()),
        reached_(rules.parsed().rules.size()),
        assigned_(reached_.size()),
        open_views_(reached_.size()),
        hiders_(reached_.size()) {}

  Reachability run() {
    assign();
    for (const auto& [program, list] : tasks_) {
      if (budget_ == 0) {
        break;
      }
      const View view = rules_.compile_for(program);
      spend(reached_.size());
      look_quickly(view, list);
      look_thoroughly(view, list);
    }
    return result();
  }

 private:
  /// Decides in which views each rule is examined. Every other program has the rules that apply to
  /// unnamed programs, and more. So a rule without `program` that can be reached at all is reached
  /// in the view of unnamed programs.
  void assign() {
    const Settings& settings = rules_.parsed().settings;
    const auto named = rules_.named_programs();
    std::vector<std::string_view> general = {std::string_view()};
    if (settings.only) {
      general.clear();
      for (const std::string_view program : rules_.parsed().only) {
        const bool is_named = std::binary_search(named.begin(), named.end(), program);
        general.push_back(is_named ? program : std::string_view());
      }
      sort_once(general, std::less<>());
      if (general.front().empty()) {
        general.resize(1);
      }
    }
    for (uint32_t rule = 0; rule < reached_.size(); ++rule) {
      const auto programs = rules_.programs(rule);
      for (const std::string_view program : programs.empty() ? std::span(general) : programs) {
        if (programs.empty() || !rules_.excludes(program)) {
          tasks_[program].push_back(rule);
          assigned_[rule] = true;
          ++open_views_[rule];
        }
      }
    }
  }

  /// Most rules decide at the first address and port that they list.
  void look_quickly(const View& view, const std::vector<uint32_t>& list) {
    for (const uint32_t rule : list) {
      for_each_part(rule, [&](const Block& block, const PortRange& ports) {
        look(view, rule, block.first, ports.low);
        return !reached_[rule] && budget_ != 0;
      });
    }
  }

  void look_thoroughly(const View& view, const std::vector<uint32_t>& list) {
    for (const uint32_t rule : list) {
      if (!reached_[rule]) {
        for_each_part(rule, [&](const Block& block, const PortRange& ports) {
          return look_everywhere(view, rule, block, ports);
        });
      }
      if (budget_ != 0) {
        --open_views_[rule];
      }
    }
  }

  bool look_everywhere(const View& view, uint32_t rule, const Block& block,
                       const PortRange& ports) {
    // The ends of every part are edges too.
    for (const Address& address : edges_.within(block)) {
      for (const uint32_t port : edges_.within(ports)) {
        look(view, rule, address, static_cast<uint16_t>(port));
        if (reached_[rule] || budget_ == 0) {
          return false;
        }
      }
    }
    return true;
  }

  /// Looks up which rules decide for one address and port, and notes those that take precedence
  /// over `rule`.
  void look(const View& view, uint32_t rule, const Address& address, uint16_t port) {
    spend(1);
    const Match match = view.ruleset.lookup(address, port);
    for (const Protocol protocol : {Protocol::tcp, Protocol::udp, Protocol::other}) {
      if (match[protocol] == no_rule) {
        continue;
      }
      const uint32_t found = match[protocol];
      reached_[found] = true;
      auto& hiders = hiders_[rule];
      if (found < rule && covers(rules_.parsed().rules[rule].protocol, protocol) &&
          std::find(hiders.begin(), hiders.end(), found) == hiders.end() &&
          hiders.size() < most_hiders) {
        hiders.push_back(found);
      }
    }
  }

  /// Calls `visit` for each combination of a destination and a port range, until it returns false.
  template <typename Visit>
  void for_each_part(uint32_t rule, const Visit& visit) const {
    static constexpr PortRange every_port[] = {{1, 65535}};
    const auto given = rules_.ports(rule);
    const auto ports = given.empty() ? std::span<const PortRange>(every_port) : given;
    for (const Block& block : blocks_of(rule)) {
      for (const PortRange& range : ports) {
        if (!visit(block, range)) {
          return;
        }
      }
    }
  }

  std::vector<Block> blocks_of(uint32_t rule) const {
    static constexpr Destination everywhere[] = {{{}, 0, true}};
    const auto given = rules_.destinations(rule);
    std::vector<Block> blocks;
    for (const Destination& destination :
         given.empty() ? std::span<const Destination>(everywhere) : given) {
      if (!destination.any) {
        blocks.push_back({first_address(destination.first, destination.length),
                          last_address(destination.first, destination.length)});
        continue;
      }
      for (const Address& first : {ipv4_address(0), ipv6_address(0)}) {
        if (serves(rules_.parsed().rules[rule], first.family)) {
          blocks.push_back({first, last_address(first, 0)});
        }
      }
    }
    return blocks;
  }

  Reachability result() {
    Reachability out;
    for (uint32_t rule = 0; rule < reached_.size(); ++rule) {
      if (reached_[rule]) {
        continue;
      }
      if (!assigned_[rule]) {
        out.shadowed.push_back({rule, {}, true});
      } else if (open_views_[rule] != 0) {
        ++out.unexamined;
      } else {
        std::sort(hiders_[rule].begin(), hiders_[rule].end());
        out.shadowed.push_back({rule, std::move(hiders_[rule]), false});
      }
    }
    return out;
  }

  void spend(uint64_t lookups) { budget_ -= std::min(budget_, lookups); }

  static constexpr size_t most_hiders = 4;

  const RuleText& rules_;
  const Edges edges_;
  uint64_t budget_ = budget_of_lookups;
  std::map<std::string_view, std::vector<uint32_t>> tasks_;
  std::vector<bool> reached_;
  std::vector<bool> assigned_;
  std::vector<uint32_t> open_views_;  // for each rule: the number of views still to be examined
  std::vector<std::vector<uint32_t>> hiders_;
};

}  // namespace

Reachability find_shadowed(const RuleText& rules) {
  return Search(rules).run();
}

}  // namespace clusterbind::tool
