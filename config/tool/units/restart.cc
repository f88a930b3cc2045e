#include "config/tool/units/restart.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <span>

#include "config/origin.h"
#include "config/rule_text.h"
#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"
#include "config/tool/kernel/attach.h"
#include "config/tool/rules/given.h"
#include "config/tool/units/coverage.h"
#include "config/tool/units/systemctl.h"

namespace clusterbind::tool {
namespace {

std::string names(std::span<const Step> steps) {
  std::string text;
  for (const Step& step : steps) {
    append(text, step.unit, " ");
  }
  return text;
}

/// Puts the rules into the kernel for a running group, or takes them out.
std::string change_kernel(const Step& step) {
  const std::string group = folder_of_unit(step.unit);
  if (group.empty()) {
    return "its group is not seen here";
  }
  try {
    if (!step.puts_under) {
      detach_rules(group);
      return {};
    }
    const std::string path = step.drop_in.file.empty() ? default_file : step.drop_in.file;
    Given given = given_file(path, path == default_file);
    const RuleText rules(path, std::move(given.text));
    for (const std::string& warning : attach_rules(group, rules)) {
      complain(printable(fmt::format("{}: warning: {}", step.unit, warning)));
    }
    return {};
  } catch (const std::exception& trouble) {
    return trouble.what();
  }
}

/// Does one step. Returns its error message, which is empty on success.
std::string trouble_of(const Step& step) {
  if (step.drop_in.way == Way::kernel) {
    return change_kernel(step);
  }
  const CommandResult ran = systemctl({"try-restart", "--", step.unit});
  return ran.good() ? std::string() : ran.error != 0 ? error_text(ran.error) : ran.output;
}

std::string_view done_word(const Step& step) {
  return step.drop_in.way == Way::library ? "restarted"
         : step.puts_under                ? "attached to the running group of"
                                          : "detached from the running group of";
}

}  // namespace

std::string cannot_change_units(std::string_view command) {
  if (std::string trouble = no_systemd(); !trouble.empty()) {
    return trouble;
  }
  return geteuid() == 0 ? std::string()
                        : fmt::format("{0} needs root: sudo clusterbind {0} ...", command);
}

std::string held_by_pacemaker(const Unit& unit) {
  for (const std::string& name : active_units(unit)) {
    if (exists(fmt::format("/run/systemd/system/{}.d/50-pacemaker.conf", name))) {
      const std::string type = name.substr(0, name.rfind(".service"));
      return fmt::format(
          "Pacemaker holds {}: leave out --now, then do: crm_resource --restart --resource ID, "
          "where ID is the resource of class systemd and type {}",
          name, type);
    }
  }
  return {};
}

int take_steps(const std::vector<Step>& steps, const Options& options) {
  const std::span<const Step> all(steps);
  if (!options.now) {
    if (!all.empty() && !options.json) {
      fmt::print("to take effect: systemctl restart {}\n", names(all));
    }
    return exit_good;
  }
  for (size_t i = 0; i < all.size(); ++i) {
    if (const std::string trouble = trouble_of(all[i]); !trouble.empty()) {
      complain(printable(fmt::format("{}: {}: {}", all[i].unit,
                                     all[i].drop_in.way == Way::library
                                         ? "the restart failed"
                                         : "the rules in the kernel were not changed",
                                     trouble)));
      complain(fmt::format("done: {}; not done: {}", i == 0 ? "none" : names(all.first(i)),
                           names(all.subspan(i))));
      return exit_bad;
    }
    if (!options.json) {
      fmt::print("{} {}\n", done_word(all[i]), all[i].unit);
    }
  }
  return exit_good;
}

}  // namespace clusterbind::tool
