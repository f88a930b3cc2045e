#include "config/rule_text.h"

#include <algorithm>
#include <utility>

#include "config/compile.h"

namespace clusterbind {

RuleText::RuleText(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  parse(text_, parsed_, errors_);  // with empty lists, this only counts
  if (!right()) {
    return;
  }
  const Counts counts = parsed_.counts;
  rules_.resize(counts.rules);
  clauses_.resize(counts.rules);
  sources_.resize(counts.sources);
  destinations_.resize(counts.destinations);
  ports_.resize(counts.ports);
  programs_.resize(counts.programs);
  only_.resize(counts.only);
  parsed_ = {};
  parsed_.rules = rules_;
  parsed_.clauses = clauses_;
  parsed_.sources = sources_;
  parsed_.destinations = destinations_;
  parsed_.ports = ports_;
  parsed_.programs = programs_;
  parsed_.only = only_;
  parse(text_, parsed_, errors_);
}

std::vector<Address> RuleText::sources(size_t rule) const {
  const auto list = list_of(rules_[rule], sources_);
  std::vector<Address> result(list.begin(), list.end());
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const bool is_one = list.empty() && rules_[rule].action == Action::bind;
    if (is_one && serves(rules_[rule], family)) result.push_back(source_of(rules_[rule], family));
  }
  return result;
}

std::vector<Address> RuleText::sources(size_t rule, Family family) const {
  std::vector<Address> result = sources(rule);
  std::erase_if(result, [=](const Address& source) { return source.family != family; });
  return result;
}

std::span<const std::string_view> RuleText::programs(size_t rule) const {
  const Clauses& clauses = clauses_[rule];
  return std::span<const std::string_view>(programs_).subspan(clauses.programs,
                                                              clauses.program_count);
}

std::span<const Destination> RuleText::destinations(size_t rule) const {
  const Clauses& clauses = clauses_[rule];
  return std::span<const Destination>(destinations_)
      .subspan(clauses.destinations, clauses.destination_count);
}

std::span<const PortRange> RuleText::ports(size_t rule) const {
  const Clauses& clauses = clauses_[rule];
  return std::span<const PortRange>(ports_).subspan(clauses.ports, clauses.port_count);
}

bool RuleText::excludes(std::string_view program) const {
  return parsed_.settings.only && std::find(only_.begin(), only_.end(), program) == only_.end();
}

std::vector<std::string_view> RuleText::named_programs() const {
  std::vector<std::string_view> list = programs_;
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

View RuleText::compile_for(std::string_view program) const {
  View view;
  const MemoryNeeded needed = memory_needed(parsed_);
  const auto words = [](size_t bytes) { return (bytes + sizeof(uint64_t) - 1) / sizeof(uint64_t); };
  view.memory = std::make_unique_for_overwrite<uint64_t[]>(words(needed.result));
  const auto scratch = std::make_unique_for_overwrite<uint64_t[]>(words(needed.scratch));
  const auto bytes = [&](const auto& memory, size_t size) {
    return std::as_writable_bytes(std::span(memory.get(), words(size)));
  };
  size_t used = 0;
  view.ruleset = compile(parsed_, program, bytes(view.memory, needed.result),
                         bytes(scratch, needed.scratch), used);
  return view;
}

std::string RuleText::place(uint32_t rule) const {
  const uint32_t line = rules_[rule].line;
  const auto same = std::equal_range(rules_.begin(), rules_.end(), rules_[rule],
                                     [](const Rule& a, const Rule& b) { return a.line < b.line; });
  if (same.second - same.first == 1) {
    return "line " + std::to_string(line);
  }
  return "rule " + std::to_string(rules_.begin() + rule - same.first + 1) + " of line " +
         std::to_string(line);
}

const View& Views::of(std::string_view program) {
  if (!std::binary_search(named_.begin(), named_.end(), program)) {
    program = {};
  }
  const auto found = views_.find(program);
  if (found != views_.end()) {
    return found->second;
  }
  // The key is a name in the rule text, or the empty one, so it lives as long as the rules.
  const auto named = std::lower_bound(named_.begin(), named_.end(), program);
  const std::string_view key = program.empty() ? std::string_view() : *named;
  return views_.emplace(key, rules_.compile_for(key)).first->second;
}

}  // namespace clusterbind
