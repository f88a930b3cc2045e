// Findings: what is worth reporting about rules that are correct.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/rule_text.h"
#include "config/tool/rules/given.h"

namespace clusterbind::tool {

/// The kind of a finding that says what could not be determined.
constexpr const char* unknown_kind = "unknown";

struct Finding {
  std::string kind;              // one of the words listed in clusterbind(1)
  std::optional<uint32_t> rule;  // nothing: it concerns the file as a whole
  std::string message;
  std::string hint;  // may be empty
};

/// Finds source addresses that are not on this host now, likely mistakes, unreachable rules, ports
/// that are covered for one family only, names of programs that no rule can match, and a file that
/// its readers cannot read or that privileged processes refuse.
std::vector<Finding> find_all(const RuleText& rules, const Given& given);

/// Finds only source addresses that are not on this host.
std::vector<Finding> find_sources(const RuleText& rules);

}  // namespace clusterbind::tool
