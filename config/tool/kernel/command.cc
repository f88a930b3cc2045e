// `clusterbind attach` and `detach`, and `status` of a group.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>

#include "config/tool/command/json.h"
#include "config/tool/command/terminal.h"
#include "config/tool/commands.h"
#include "config/tool/kernel/attach_given.h"
#include "config/tool/kernel/group.h"
#include "config/tool/kernel/status.h"
#include "config/tool/kernel/unit_group.h"
#include "config/tool/rules/given.h"

namespace clusterbind::tool {
namespace {

int wrong_usage(Command command, std::string_view message) {
  complain(message);
  say(fmt::format("try: clusterbind {} --help\n", command_names[static_cast<size_t>(command)]));
  return exit_usage;
}

/// Why the command line does not name exactly one group; empty if it does.
std::string usage_trouble(Command command, const Options& options) {
  const int given = (options.self ? 1 : 0) + (options.unit ? 1 : 0) + (options.cgroup ? 1 : 0);
  const std::string_view name = command_names[static_cast<size_t>(command)];
  if (!options.operands.empty()) {
    return fmt::format("{} takes no operand: '{}'", name, options.operands.front());
  }
  return given == 1 ? std::string()
                    : fmt::format("{} needs one of --self, --unit UNIT and --cgroup PATH", name);
}

/// The group that was named. Throws if there is no such group.
std::string group_of(const Options& options) {
  if (options.cgroup) {
    return group_at(*options.cgroup);
  }
  return options.unit ? group_of_unit(*options.unit) : own_group();
}

}  // namespace

int run_attach(const Options& options) {
  if (const auto trouble = usage_trouble(Command::attach, options); !trouble.empty()) {
    return wrong_usage(Command::attach, trouble);
  }
  try {
    return attach_given(given_by(options), group_of(options), options);
  } catch (const std::exception& trouble) {
    return tell_trouble(trouble, options);
  }
}

int run_detach(const Options& options) {
  if (const auto trouble = usage_trouble(Command::detach, options); !trouble.empty()) {
    return wrong_usage(Command::detach, trouble);
  }
  try {
    const std::string group = group_of(options);
    const bool found = detach_rules(group);
    if (options.json) {
      Json json;
      json.object();
      json.add("group", group);
      json.add("detached", found);
      json.end();
      fmt::print("{}\n", json.text());
    } else if (found) {
      fmt::print("{}: no rules in force any more\n", printable(group));
    }
    if (!found) {
      complain(fmt::format("{} has no rules", printable(group)));
    }
    return found ? exit_good : exit_bad;
  } catch (const std::exception& problem) {
    return tell_trouble(problem, options);
  }
}

int run_group_status(const Options& options) {
  if (!options.operands.empty()) {
    return wrong_usage(Command::status, "status takes units, or --cgroup PATH, but not both");
  }
  try {
    return show_groups({group_of(options)}, options.json);
  } catch (const std::exception& problem) {
    return tell_trouble(problem, options);
  }
}

}  // namespace clusterbind::tool
