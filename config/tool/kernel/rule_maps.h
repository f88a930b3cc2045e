// The maps of one rule text. A loaded program keeps them alive.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "config/rule_text.h"
#include "config/tool/kernel/bpf.h"
#include "config/tool/kernel/program.h"

namespace clusterbind::tool {

/// The map of the text holds this header, then the text, then its name.
struct TextHeader {
  uint64_t text_size;
  uint64_t name_size;
};

/// The names of the maps that `status` looks for.
constexpr const char* text_map_name = "cb_text";
constexpr const char* counts_map_name = "cb_counts";

class RuleMaps {
 public:
  /// `name` is what status calls the rules: the file's full path. Throws std::runtime_error or
  /// Refused.
  RuleMaps(const RuleText& rules, const std::string& name);

  MapNumbers numbers() const;
  const Bounds& bounds() const { return bounds_; }
  size_t name_size() const { return name_size_; }
  const Descriptor& text() const { return text_.map; }

  /// [0]: of connections without a rule; [i + 1]: of rule i; the last one: of the proof.
  std::span<RuleCounts> counts() const { return counts_.list(); }

  /// For the proof: gives programs of this name a view of their own, which decides as before but
  /// counts in the last element; and removes it again.
  void watch(const std::string& program);
  void unwatch(const std::string& program);

  /// The bytes that the array maps take.
  size_t bytes() const;

 private:
  struct Compiled;
  static std::vector<Compiled> compile_all(const RuleText& rules);
  RuleMaps(const RuleText& rules, const std::string& name, const std::vector<Compiled>& all);

  void put_views(const std::vector<Compiled>& all);
  void put_rules(const RuleText& rules);
  KernelSources put_addresses(const std::vector<Address>& list);
  void put_text(const RuleText& rules, const std::string& name);
  void put_sources(const Compiled& one, uint32_t table);
  void widen_bounds(const Ruleset::Parts& parts);
  std::string key_of(std::string_view program) const;

  size_t name_size_;
  Bounds bounds_;
  uint32_t address_count_ = 0;
  ArrayMap<Interval<uint32_t>> ipv4_;
  ArrayMap<Interval<Number128>> ipv6_;
  ArrayMap<Node> table_;
  ArrayMap<KernelRule> rules_;
  ArrayMap<KernelAddress> addresses_;
  ArrayMap<RuleCounts> counts_;
  ArrayMap<uint64_t> text_;
  Descriptor views_;
  Descriptor sources_;
  std::map<std::string, KernelView, std::less<>> by_name_;
  KernelView excluded_{};  // for programs that `only` does not name: nothing matches
};

}  // namespace clusterbind::tool
