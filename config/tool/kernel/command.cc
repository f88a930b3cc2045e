// `clusterbind attach` and `detach`, and `status` of a group.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "config/tool/command/json.h"
#include "config/tool/command/terminal.h"
#include "config/tool/commands.h"
#include "config/tool/kernel/attach.h"
#include "config/tool/kernel/group.h"
#include "config/tool/kernel/status.h"
#include "config/tool/rules/given.h"
#include "config/tool/rules/report.h"

namespace clusterbind::tool {
namespace {

int wrong_usage(Command command, std::string_view message) {
  complain(message);
  fmt::print(stderr, "try: clusterbind {} --help\n", command_names[static_cast<size_t>(command)]);
  return exit_usage;
}

/// Says whether a group was named, and once.
bool names_one_group(const Options& options) {
  const int given =
      (options.self ? 1 : 0) + (options.unit ? 1 : 0) + (options.cgroup ? 1 : 0);
  return given == 1;
}

/// The group that was named. Throws where it is none.
std::string group_of(const Options& options) {
  if (options.cgroup) {
    return group_at(*options.cgroup);
  }
  return options.unit ? group_of_unit(*options.unit) : own_group();
}

/// What could not be done: exit code 2.
int tell_trouble(const Options& options, const std::exception& trouble) {
  if (options.json) {
    Json json;
    json.object();
    json.add("error", trouble.what());
    json.end();
    fmt::print("{}\n", json.text());
  }
  complain(trouble.what());
  const auto* const refused = dynamic_cast<const CannotAttach*>(&trouble);
  if (refused != nullptr && !refused->log.empty()) {
    fmt::print(stderr, "{}", printable(refused->log));
  }
  return exit_unknown;
}

void tell_attached(const Options& options, const std::string& group, const Rules& rules,
                   const Warnings& warnings) {
  if (!options.json) {
    for (const std::string& warning : warnings) {
      complain(fmt::format("warning: {}", warning));
    }
    fmt::print("{}: {} of {} in force\n", printable(group),
               counted(rules.syntax().rules.size(), "rule"), printable(rules.name()));
    return;
  }
  Json json;
  json.object();
  json.add("group", group);
  json.add("source", rules.name());
  json.add("rules", rules.syntax().rules.size());
  json.array("warnings");
  for (const std::string& warning : warnings) {
    json.item(warning);
  }
  json.end();
  json.end();
  fmt::print("{}\n", json.text());
}

}  // namespace

int attach_given(const Given& given, const Options& options) {
  const std::string trouble = trouble_report(given);
  if (!trouble.empty()) {
    if (options.json) {
      print_wrong_json(given, nullptr);
    }
    fmt::print(stderr, "{}", trouble);
    return exit_bad;
  }
  const Rules rules(given.name, given.text);
  if (!rules.right()) {
    if (options.json) {
      print_wrong_json(given, &rules);
    }
    fmt::print(stderr, "{}", error_report(rules));
    return exit_bad;
  }
  try {
    const std::string group = group_of(options);
    AttachOptions how;
    how.verbose = options.verbose;
    if (given.path) {
      how.name = std::filesystem::absolute(*given.path).lexically_normal();
    }
    tell_attached(options, group, rules, attach_rules(group, rules, how));
    return exit_good;
  } catch (const std::exception& problem) {
    return tell_trouble(options, problem);
  }
}

int run_attach(const Options& options) {
  if (!names_one_group(options) || !options.operands.empty()) {
    return wrong_usage(Command::attach, "where to? one of --self, --unit UNIT and --cgroup PATH");
  }
  return attach_given(given_by(options), options);
}

int run_detach(const Options& options) {
  if (!names_one_group(options) || !options.operands.empty()) {
    return wrong_usage(Command::detach, "from where? one of --self, --unit UNIT and --cgroup PATH");
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
    return tell_trouble(options, problem);
  }
}

int run_group_status(const Options& options) {
  if (!options.operands.empty()) {
    return wrong_usage(Command::status, "units, or one group with --cgroup PATH, not both");
  }
  try {
    return show_groups({group_of(options)}, options.json);
  } catch (const std::exception& problem) {
    return tell_trouble(options, problem);
  }
}

}  // namespace clusterbind::tool
