// Rules in the kernel for all processes of a control group: the functions behind `attach`, `detach`
// and `status`, for other commands and for the benchmark. group.h finds groups.
// The functions throw std::runtime_error with a text of one line, or Refused (bpf.h) if the kernel
// has refused something. They need root.
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

/// The rules are correct, but cannot be attached, or not on this kernel.
struct CannotAttach : std::runtime_error {
  explicit CannotAttach(const std::string& what, std::string said = {})
      : std::runtime_error(what), log(std::move(said)) {}
  std::string log;  // the verifier's log, if it was requested
};

struct AttachOptions {
  bool verbose = false;  // request the verifier's log
  std::string name;      // the name that status shows: a full path; if empty, the rules' own name
};

/// What attached rules do not do, one line each.
using Warnings = std::vector<std::string>;

/// Puts the rules in force in a group and all groups within it, and replaces the rules that it has.
/// Each hook changes over in one step. If anything fails, the old rules are put back. The rules
/// stay in force until the group is removed or detach_rules() is called.
Warnings attach_rules(const std::string& group, const RuleText& rules,
                      const AttachOptions& options = {});

/// Takes the rules away. Returns false if there are none.
bool detach_rules(const std::string& group);

/// The rules that are in force in a group.
struct Attachment {
  std::string group;
  std::string name;  // a full path, CLUSTERBIND_RULES, or -r
  std::string text;
  uint64_t age = 0;  // in seconds
  bool has_ipv4 = false, has_ipv6 = false;
  std::vector<RuleCounts> counts;  // [0]: of connections without a rule; [i + 1]: of rule i
};
std::optional<Attachment> attachment_of(const std::string& group);

/// Whether the group itself has rules, for either family. Asks the kernel nothing else.
bool has_rules(const std::string& group);

/// Whether rules decide in the group: its own, or those of a group around it, even if that cannot
/// be seen from here.
bool is_decided_by_rules(const std::string& group);

}  // namespace clusterbind::tool
