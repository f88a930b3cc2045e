// Connections that a `bind` rule matches but that have another source address.
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
  /// A connection that has ended tells neither its program nor whether that had bound it.
  enum Kind { leak, ended, else_direct, own_choice } kind = leak;
  Connection connection;
  uint32_t rule = 0;
  Address wanted;  // the rule's source address
  Owner owner;     // pid 0: unknown, or no process holds it any more
  std::string reason;
};

struct Survey {
  std::vector<Deviation> deviations;
  size_t outgoing = 0;   // connections looked at
  size_t undecided = 0;  // of processes that could not be looked at, where the program matters
};

/// Judges the outgoing connections of this network namespace, now.
class Auditor {
 public:
  /// `file_changed` is the time at which the rule file was last changed; nothing where the rules
  /// come from no file, or are read again.
  Auditor(const RuleText& rules, const std::optional<timespec>& file_changed)
      : rules_(rules), views_(rules), programs_(rules.named_programs()), changed_(file_changed) {}

  /// Returns 0 or an errno value.
  int look(Survey& survey);

 private:
  int look_once(Survey& survey);
  /// What the rules say of a connection of a program; rule is no_rule where nothing is wrong.
  uint32_t wronged_rule(const Connection& connection, std::string_view program);
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
