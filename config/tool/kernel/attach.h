// The rules in the kernel, for all processes of a group: what `attach`, `detach` and `status` do,
// for other commands and for the benchmark. group.h finds groups.
//
// The functions throw std::runtime_error (Refused, of bpf.h, where the kernel has refused
// something) in one line. They need root.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "config/rule_text.h"
#include "config/tool/kernel/map_elements.h"

namespace clusterbind::tool {

/// Rules are right, but not in the kernel, or not on this kernel.
struct CannotAttach : std::runtime_error {
  explicit CannotAttach(const std::string& what, std::string said = {})
      : std::runtime_error(what), log(std::move(said)) {}
  std::string log;  // what the verifier said, where that was asked for
};

struct AttachOptions {
  bool verbose = false;  // ask for the verifier's log
  std::string name;      // what status calls the rules: a full path; empty: the rules' own name
};

/// What an attachment is not: one line each.
using Warnings = std::vector<std::string>;

/// Puts the rules in force in a group and all groups within it, in the place of those that are.
/// Each hook changes over in one step; where anything fails, what was there is there again. The
/// rules go with the group, or by detach_rules().
Warnings attach_rules(const std::string& group, const RuleText& rules,
                      const AttachOptions& options = {});

/// False: there are none.
bool detach_rules(const std::string& group);

/// What is in force in a group.
struct Attachment {
  std::string group;
  std::string name;  // a full path, CLUSTERBIND_RULES, or -r
  std::string text;
  uint64_t age = 0;  // in seconds
  bool has_ipv4 = false, has_ipv6 = false;
  std::vector<RuleCounts> counts;  // [0]: of no rule; [i + 1]: of rule i
};
std::optional<Attachment> attachment_of(const std::string& group);

/// Whether the group itself has rules, of either family, without asking more.
bool has_rules(const std::string& group);

}  // namespace clusterbind::tool
