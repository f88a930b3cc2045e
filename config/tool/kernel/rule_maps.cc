#include "config/tool/kernel/rule_maps.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <stdexcept>
#include <string_view>

namespace clusterbind::tool {

/// The compiled rules of some programs. The empty name stands for all programs that the rules do
/// not name.
struct RuleMaps::Compiled {
  std::vector<std::string_view> names;
  View view;
};

namespace {

size_t words(size_t bytes) {
  return (bytes + sizeof(uint64_t) - 1) / sizeof(uint64_t);
}

/// The sum over all views, plus one: a map has at least one element, and the last interval belongs
/// to the programs that `only` excludes.
template <typename Count>
size_t room(const auto& all, const Count& count) {
  return 1 + std::accumulate(all.begin(), all.end(), size_t{0}, [&](size_t sum, const auto& one) {
           return sum + count(one.view.ruleset.parts());
         });
}

/// The size of the keys: room for the longest name, its NUL and one more byte, so that a name that
/// was cut equals none of the rules'. 0 if the rules name no program.
size_t name_size_for(const auto& all) {
  size_t size = 0;
  for (const auto& one : all) {
    for (const std::string_view name : one.names) {
      if (!name.empty()) {
        size = std::max({size, least_name_size, words(name.size() + 2) * sizeof(uint64_t)});
      }
    }
  }
  return std::min(size, most_name_size);
}

}  // namespace

std::vector<RuleMaps::Compiled> RuleMaps::compile_all(const RuleText& rules) {
  const auto named = rules.named_programs();
  const auto names_it = [&](std::string_view name) {
    return std::binary_search(named.begin(), named.end(), name);
  };
  std::vector<Compiled> all;
  std::vector<std::string_view> others;
  if (!rules.parsed().settings.only) {
    others.emplace_back();
  }
  for (const std::string_view name : rules.parsed().only) {
    if (!names_it(name)) {
      others.push_back(name);
    }
  }
  if (!others.empty()) {
    all.push_back({others, rules.compile_for({})});
  }
  for (const std::string_view name : named) {
    if (!rules.excludes(name)) {
      all.push_back({{name}, rules.compile_for(name)});
    }
  }
  return all;
}

RuleMaps::RuleMaps(const RuleText& rules, const std::string& name)
    : RuleMaps(rules, name, compile_all(rules)) {}

RuleMaps::RuleMaps(const RuleText& rules, const std::string& name, const std::vector<Compiled>& all)
    : name_size_(name_size_for(all)),
      ipv4_("cb_ipv4", room(all, [](const auto& parts) { return parts.ipv4.size(); })),
      ipv6_("cb_ipv6", room(all, [](const auto& parts) { return parts.ipv6.size(); })),
      table_("cb_table",
             room(all, [](const auto& parts) { return parts.table.size() / offset_unit; })),
      rules_("cb_rules", rules.parsed().rules.size() + 1),
      // A rule has one address of each family or a list.
      addresses_("cb_addresses",
                 2 * rules.parsed().rules.size() + rules.parsed().counts.sources + 1),
      counts_(counts_map_name, rules.parsed().rules.size() + 2),
      text_(text_map_name,
            words(sizeof(TextHeader)) + words(rules.text().size() + name.size()) + 1),
      views_(name_size_ == 0 ? create_array("cb_views", sizeof(KernelView), 1)
                             : create_hash("cb_views", name_size_, sizeof(KernelView),
                                           // One for each name, and one for the proof.
                                           1 + room(all, [](const auto&) { return size_t{1}; }) +
                                               rules.parsed().only.size())),
      sources_(create_hash("cb_sources", sizeof(SourceKey), sizeof(uint32_t),
                           room(all, [](const auto& parts) { return parts.sources.size(); }))) {
  put_views(all);
  put_rules(rules);
  put_text(rules, name);
}

void RuleMaps::put_views(const std::vector<Compiled>& all) {
  KernelView next{};
  next.none = no_rule;
  for (const Compiled& one : all) {
    const auto parts = one.view.ruleset.parts();
    widen_bounds(parts);
    KernelView view = next;
    view.ipv4_count = static_cast<uint32_t>(parts.ipv4.size());
    view.ipv6_count = static_cast<uint32_t>(parts.ipv6.size());
    std::copy(parts.ipv4.begin(), parts.ipv4.end(), ipv4_.list().begin() + view.ipv4_first);
    std::copy(parts.ipv6.begin(), parts.ipv6.end(), ipv6_.list().begin() + view.ipv6_first);
    std::memcpy(table_.list().data() + view.table, parts.table.data(), parts.table.size());
    put_sources(one, view.table);
    for (const std::string_view name : one.names) {
      update(views_, key_of(name).data(), &view);
      by_name_.emplace(name, view);
    }
    next.ipv4_first += view.ipv4_count;
    next.ipv6_first += view.ipv6_count;
    next.table += static_cast<uint32_t>(parts.table.size() / offset_unit);
  }
  // The last interval of each family: no rule matches in it.
  ipv4_.list().back() = {UINT32_MAX, no_rule};
  ipv6_.list().back() = {{UINT64_MAX, UINT64_MAX}, no_rule};
  excluded_ = next;
  excluded_.ipv4_count = excluded_.ipv6_count = 1;
}

/// The highest numbers of rounds that the program's loops can need: a search halves its range,
/// rounded up, until one element is left; a walk goes from the innermost prefix to the outermost.
void RuleMaps::widen_bounds(const Ruleset::Parts& parts) {
  const auto steps = [](size_t count) { return static_cast<int>(std::bit_width(count - 1)); };
  const auto widen = [](int& bound, int to) { bound = std::max(bound, to); };
  const auto* const table = reinterpret_cast<const Node*>(parts.table.data());
  const auto walk = [&](const auto& intervals) {
    widen(bounds_.interval_steps, steps(intervals.size()));
    for (const auto& interval : intervals) {
      int depth = 0;
      for (uint32_t at = interval.node; at != no_rule; at = table[at].parent) {
        widen(bounds_.depth, depth++);
        widen(bounds_.cell_steps, steps(table[at].cell_count));
      }
    }
  };
  walk(parts.ipv4);
  walk(parts.ipv6);
}

void RuleMaps::put_rules(const RuleText& rules) {
  const auto list = rules_.list();
  list[0].action = static_cast<uint32_t>(Action::direct);  // no rule
  for (size_t i = 0; i < rules.parsed().rules.size(); ++i) {
    const Rule& rule = rules.parsed().rules[i];
    KernelRule& result = list[i + 1];
    result.action = static_cast<uint32_t>(rule.action);
    result.is_fallback_direct = rule.fallback == Fallback::direct ? 1 : 0;
    result.is_override = rule.override_program ? 1 : 0;
    result.draw_mask = rule.picks_at_random ? ~uint32_t{0} : 0;
    if (rule.action == Action::bind) {
      result.ipv4 = put_addresses(rules.sources(i, Family::ipv4));
      result.ipv6 = put_addresses(rules.sources(i, Family::ipv6));
      const auto most = static_cast<int>(std::max(result.ipv4.count, result.ipv6.count));
      bounds_.addresses = std::max(bounds_.addresses, most);
      bounds_.any_draws = bounds_.any_draws || rule.picks_at_random;
    }
  }
}

KernelSources RuleMaps::put_addresses(const std::vector<Address>& list) {
  const auto count = static_cast<uint32_t>(list.size());
  const KernelSources result = {address_count_, count,
                                count < 64 ? (uint64_t{1} << count) - 1 : ~uint64_t{0}};
  for (const Address& address : list) {
    const auto bytes = ipv6_bytes(address);
    std::copy(bytes.begin(), bytes.end(), addresses_.list()[address_count_++].bytes);
  }
  return result;
}

void RuleMaps::put_text(const RuleText& rules, const std::string& name) {
  const TextHeader header = {rules.text().size(), name.size()};
  auto* const bytes = reinterpret_cast<char*>(text_.list().data());
  std::memcpy(bytes, &header, sizeof header);
  char* const after = std::copy(rules.text().begin(), rules.text().end(), bytes + sizeof header);
  std::copy(name.begin(), name.end(), after);
}

void RuleMaps::put_sources(const Compiled& one, uint32_t table) {
  for (const Address& source : one.view.ruleset.parts().sources) {
    SourceKey key{};
    const auto bytes = ipv6_bytes(source);
    std::copy(bytes.begin(), bytes.end(), key.address);
    key.table = table;
    constexpr uint32_t is_one = 1;
    update(sources_, &key, &is_one);
  }
}

/// The key of a name, or the index of the only view.
std::string RuleMaps::key_of(std::string_view program) const {
  std::string key(program.substr(0, name_size_ == 0 ? 0 : name_size_ - 1));
  key.resize(name_size_ == 0 ? sizeof(uint32_t) : name_size_);
  return key;
}

void RuleMaps::watch(const std::string& program) {
  auto found = by_name_.find(program);
  if (found == by_name_.end()) {
    found = by_name_.find("");
  }
  KernelView view = found == by_name_.end() ? excluded_ : found->second;
  view.counts = static_cast<uint32_t>(counts().size() - 1);
  update(views_, key_of(program).data(), &view);
}

void RuleMaps::unwatch(const std::string& program) {
  const auto found = by_name_.find(program);
  if (found == by_name_.end()) {
    erase(views_, key_of(program).data());
  } else {
    update(views_, key_of(program).data(), &found->second);
  }
}

MapNumbers RuleMaps::numbers() const {
  return {views_.get(),     ipv4_.map.get(),      ipv6_.map.get(),   table_.map.get(),
          rules_.map.get(), addresses_.map.get(), counts_.map.get(), sources_.get()};
}

size_t RuleMaps::bytes() const {
  return ipv4_.list().size_bytes() + ipv6_.list().size_bytes() + table_.list().size_bytes() +
         rules_.list().size_bytes() + addresses_.list().size_bytes() + counts_.list().size_bytes() +
         text_.list().size_bytes();
}

}  // namespace clusterbind::tool
