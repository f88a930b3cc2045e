// What is worth telling about rules that are right.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/rule_text.h"
#include "config/tool/rules/given.h"

namespace clusterbind::tool {

/// The kind of what could not be found out.
constexpr const char* unknown_kind = "unknown";

struct Finding {
  std::string kind;              // a word of clusterbind(1)
  std::optional<uint32_t> rule;  // none: the file as a whole
  std::string message;
  std::string hint;  // may be empty
};

/// Source addresses that are not on this host now, what can hardly be meant, unreachable rules,
/// ports covered for one family only, names of programs that rules never see, and a file that its
/// readers cannot read or privileged processes refuse.
std::vector<Finding> find_all(const RuleText& rules, const Given& given);

/// Of these, source addresses alone.
std::vector<Finding> find_sources(const RuleText& rules);

}  // namespace clusterbind::tool
