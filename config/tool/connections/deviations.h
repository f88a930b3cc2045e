// Finds connections that a `bind` rule matches but that have another source address.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "config/rule_text.h"
#include "config/tool/connections/owners.h"
#include "config/tool/connections/sockdiag.h"

namespace clusterbind::tool {

struct Deviation {
  /// `ended`: the connection has no process any more, so neither its program nor whether that
  /// program had bound the socket is known.
  enum Kind { leak, ended, else_direct, own_choice } kind = leak;
  Connection connection;
  uint32_t rule = 0;
  Address wanted;  // the rule's source address
  Owner owner;     // pid 0: unknown, or no process holds it any more
  std::string reason;
  bool is_older_than_rules = false;  // its process was started before the rules were changed
};

struct Survey {
  std::vector<Deviation> deviations;
  size_t outgoing = 0;   // connections
  size_t undecided = 0;  // those whose process could not be examined, if the program matters
};

/// Judges the current outgoing connections of this network namespace.
class Auditor {
 public:
  /// `file_changed` is when the rule file was last changed; nothing if the rules come from no file,
  /// or if processes read it again (`reload on`).
  Auditor(const RuleText& rules, const std::optional<timespec>& file_changed)
      : rules_(rules), views_(rules), programs_(rules.named_programs()), changed_(file_changed) {}

  /// Returns 0 or an errno value.
  int look(Survey& survey);

 private:
  int look_once(Survey& survey);
  /// The rule that a program's connection violates, or no_rule.
  uint32_t violated_rule(const Connection& connection, std::string_view program);
  bool may_deviate(const Connection& connection);
  bool deviates_for_every_program(const Connection& connection, uint32_t& rule);
  void judge(const Connection& connection, const Owners& owners, Survey& survey);
  void classify(Deviation& deviation) const;

  const RuleText& rules_;
  Views views_;
  std::vector<std::string_view> programs_;
  std::optional<timespec> changed_;
};

}  // namespace clusterbind::tool
