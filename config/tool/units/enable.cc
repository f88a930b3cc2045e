// `clusterbind enable`: puts systemd units under the rules.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "config/tool/command/json.h"
#include "config/tool/command/terminal.h"
#include "config/tool/commands.h"
#include "config/tool/host/files.h"
#include "config/tool/units/coverage.h"
#include "config/tool/units/plan.h"
#include "config/tool/units/restart.h"
#include "config/tool/units/settings.h"

namespace clusterbind::tool {
namespace {

/// Restores the drop-ins as they were before.
void take_back(const std::vector<Plan>& plans) {
  for (const Plan& plan : plans) {
    if (plan.is_written) {
      plan.old_text ? write_drop_in(plan.unit.name, *plan.old_text)
                    : remove_drop_in(plan.unit.name);
    }
  }
  systemctl({"daemon-reload"});
}

int refuse(const std::vector<Plan>& plans) {
  bool is_unknown = false;
  for (const Plan& plan : plans) {
    if (!plan.trouble.empty()) {
      complain(printable(fmt::format("{}: {}", plan.unit.name, plan.trouble)));
      is_unknown = is_unknown || plan.is_unknown;
    }
  }
  complain("nothing was changed");
  return is_unknown ? exit_unknown : exit_bad;
}

bool has_trouble(const std::vector<Plan>& plans) {
  return std::ranges::any_of(plans, [](const Plan& plan) { return !plan.trouble.empty(); });
}

/// Writes the drop-ins that differ from what is there. Stops at the first error.
void write_all(std::vector<Plan>& plans) {
  for (Plan& plan : plans) {
    const std::string text = drop_in_text(plan.drop_in);
    if (plan.old_text == text) {
      continue;
    }
    plan.is_written = true;
    if (const int error = write_drop_in(plan.unit.name, text); error != 0) {
      plan.trouble = fmt::format("{}: {}", drop_in_path(plan.unit.name), error_text(error));
      return;
    }
  }
}

/// Asks systemd whether the drop-ins are in effect; for a template, in each loaded instance too.
void ask_for_result(std::vector<Plan>& plans) {
  const CommandResult ran = systemctl({"daemon-reload"});
  for (Plan& plan : plans) {
    if (!ran.good()) {
      plan.trouble = fmt::format("systemctl daemon-reload: {}", ran.output);
      continue;
    }
    std::vector<std::string> names = {plan.unit.is_template() ? plan.unit.name : plan.unit.shown};
    std::ranges::move(active_units(plan.unit), std::back_inserter(names));
    for (const std::string& name : names) {
      const Unit now = read_unit(name);
      const std::string culprit = undone_by(now, plan.drop_in);
      if (plan.trouble.empty() && !culprit.empty()) {
        plan.trouble = fmt::format("its drop-in would not be in effect{}: {}",
                                   now.name == plan.unit.name ? "" : " in " + now.name, culprit);
      }
    }
  }
}

void print(const Plan& plan) {
  const auto fact = [](std::string_view label, std::string_view text) {
    fmt::print("  {:<8} {}\n", label, printable(text));
  };
  fmt::print("{}\n", paint(Colour::heading, printable(plan.unit.name)));
  fact("way", fmt::format("by {}: {}", way_word(plan.drop_in.way), plan.why));
  fact("rules", plan.rules);
  fact("drop-in", fmt::format("{}, {}", drop_in_path(plan.unit.name),
                              plan.is_written ? "written" : "as it was"));
  for (const std::string& note : plan.notes) {
    fact("note", note);
  }
}

std::string json_of(const std::vector<Plan>& plans) {
  Json json;
  json.object();
  json.array("units");
  for (const Plan& plan : plans) {
    json.object();
    json.add("unit", plan.unit.name);
    json.add("way", way_word(plan.drop_in.way));
    json.add("why", plan.why);
    json.add("rules", plan.rules);
    json.add("drop_in", drop_in_path(plan.unit.name));
    json.add("written", plan.is_written);
    json.array("notes");
    for (const std::string& note : plan.notes) {
      json.item(note);
    }
    json.end();
    json.end();
  }
  json.end();
  json.end();
  return json.text();
}

/// Why a template cannot be put under the rules; empty if it can. An instance with an LD_PRELOAD of
/// its own would lose it to the drop-in of the template, and so needs a drop-in of its own.
std::string preload_lost(const Plan& plan, const std::vector<Plan>& plans) {
  if (!plan.unit.is_template() || plan.drop_in.way == Way::kernel) {
    return {};
  }
  const auto own_preload = [](const Unit& unit) {
    return set_by_environment(read_settings(own_files(unit)), "LD_PRELOAD");
  };
  for (const std::string& name : active_units(plan.unit)) {
    const Unit instance = read_unit(name);
    const std::string preload = own_preload(instance);
    const bool is_planned = std::ranges::any_of(
        plans, [&](const Plan& other) { return other.unit.name == instance.name; });
    if (!preload.empty() && preload != own_preload(plan.unit) && !is_planned &&
        !exists(drop_in_path(instance.name))) {
      return fmt::format(
          "{0} has LD_PRELOAD={1} of its own, which it would lose; first: clusterbind enable {0}",
          instance.name, preload);
    }
  }
  return {};
}

std::vector<Plan> plan_all(const Options& options) {
  std::vector<Plan> plans;
  for (const std::string& name : options.operands) {
    Plan plan = plan_unit(options, name);
    const bool is_known = std::ranges::any_of(
        plans, [&](const Plan& other) { return other.unit.name == plan.unit.name; });
    if (!is_known) {
      if (options.now && plan.trouble.empty()) {
        plan.trouble = held_by_pacemaker(plan.unit);
      }
      plans.push_back(std::move(plan));
    }
  }
  for (Plan& plan : plans) {
    if (plan.trouble.empty()) {
      plan.trouble = preload_lost(plan, plans);
    }
  }
  return plans;
}

int check_usage(const Options& options) {
  if (options.operands.empty()) {
    complain("enable takes the names of units, as in: clusterbind enable postfix.service");
    return exit_usage;
  }
  if (options.library && options.kernel) {
    complain("--library and --kernel cannot be used together");
    return exit_usage;
  }
  return exit_good;
}

}  // namespace

int run_enable(const Options& options) {
  if (const int code = check_usage(options); code != exit_good) {
    return code;
  }
  if (const std::string trouble = cannot_change_units("enable"); !trouble.empty()) {
    complain(trouble);
    return exit_unknown;
  }
  std::vector<Plan> plans = plan_all(options);
  if (has_trouble(plans)) {
    return refuse(plans);
  }
  write_all(plans);
  if (!has_trouble(plans)) {
    ask_for_result(plans);
  }
  if (has_trouble(plans)) {
    take_back(plans);
    return refuse(plans);
  }
  if (options.json) {
    fmt::print("{}\n", json_of(plans));
  } else {
    std::ranges::for_each(plans, print);
  }
  std::vector<Step> steps;
  for (const Plan& plan : plans) {
    for (const std::string& name : active_units(plan.unit)) {
      if (plan.is_written || !is_covered(name, plan.drop_in)) {
        steps.push_back({name, plan.drop_in, true});
      }
    }
  }
  return take_steps(steps, options);
}

}  // namespace clusterbind::tool
