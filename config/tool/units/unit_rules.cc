#include "config/tool/units/unit_rules.h"

#include <fmt/format.h>

#include "config/origin.h"
#include "config/rule_text.h"
#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"
#include "config/tool/rules/given.h"
#include "config/tool/units/identity.h"
#include "config/tool/units/settings.h"

namespace clusterbind::tool {
namespace {

/// Reads the rules that a unit will take, either the plan's own or an instance of it. They must
/// exist and be correct.
void look_at_rules_of(const Unit& unit, Plan& plan) {
  const std::string text = plan.drop_in.way == Way::library && plan.drop_in.file.empty()
                               ? unit.variable(std::string(rules_variable))
                               : std::string();
  Given given;
  if (!text.empty()) {
    given = given_text(text);
    given.name = rules_variable;
  } else {
    const std::string file = rule_file_of(unit, plan.drop_in);
    given = given_file(file, file == default_file);
  }
  if (given.is_default && given.is_missing) {
    plan.trouble = "no rules: write /etc/clusterbind.conf, or name a file with -c";
    return;
  }
  if (!given.trouble.empty()) {
    plan.trouble = fmt::format("{}: {}", given.name, given.trouble);
    return;
  }
  if (!given.refused.empty() && reads_as_root(unit, plan.drop_in)) {
    plan.trouble = fmt::format("{}: {}; {}", given.name, given.refused, given.refused_hint);
    return;
  }
  if (given.path) {
    for (const FileProblem& problem : file_problems(given)) {
      if (problem.kind == "unreadable") {
        plan.notes.push_back(fmt::format("{}: {}: {}", given.name, problem.message, problem.hint));
      }
    }
  }
  const RuleText rules(given.name, std::move(given.text));
  if (!rules.right()) {
    plan.trouble = fmt::format("{}: the rules are wrong; see: clusterbind check {}", rules.name(),
                               text.empty() ? rules.name() : "");
    return;
  }
  append(plan.rules,
         fmt::format("{}, {}", rules.name(), counted(rules.parsed().rules.size(), "rule")), "; ");
}

/// The variable that gives each instance of a template rules of its own, as written in the unit's
/// files, with a specifier such as %i. Empty if all instances have the same rules.
std::string rules_by_instance(const Plan& plan) {
  if (!plan.unit.is_template() || plan.drop_in.way == Way::kernel || !plan.drop_in.file.empty()) {
    return {};
  }
  const auto settings = read_settings(own_files(plan.unit));
  for (const std::string_view variable : {rules_variable, std::string_view("CLUSTERBIND_CONFIG")}) {
    const std::string value = set_by_environment(settings, variable);
    for (size_t at = value.find('%'); at != value.npos; at = value.find('%', at + 2)) {
      if (value.substr(at, 2) != "%%") {
        return fmt::format("{}={}", variable, value);
      }
    }
  }
  return {};
}

}  // namespace

std::string rule_file_of(const Unit& unit, const DropIn& drop_in) {
  if (!drop_in.file.empty()) {
    return drop_in.file;
  }
  if (drop_in.way == Way::library) {
    if (std::string file = own_variable(unit, "CLUSTERBIND_CONFIG"); !file.empty()) {
      return file;
    }
  }
  return default_file;
}

bool reads_as_root(const Unit& unit, const DropIn& drop_in) {
  return drop_in.way == Way::kernel || identity_of(unit).user == 0;
}

void look_at_rules(Plan& plan) {
  const std::string by_instance = rules_by_instance(plan);
  if (by_instance.empty()) {
    look_at_rules_of(plan.unit, plan);
    return;
  }
  for (const std::string& name : active_units(plan.unit)) {
    look_at_rules_of(read_unit(name), plan);
    if (!plan.trouble.empty()) {
      plan.trouble = fmt::format("{}: {}", name, plan.trouble);
      return;
    }
  }
  plan.notes.push_back(fmt::format(
      "{}: each instance has rules of its own, looked at before it starts", by_instance));
  if (plan.rules.empty()) {
    plan.rules = "those of each instance; none runs now";
  }
}

}  // namespace clusterbind::tool
