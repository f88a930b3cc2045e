#include "config/tool/kernel/attach_given.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "config/tool/command/json.h"
#include "config/tool/command/terminal.h"
#include "config/tool/kernel/attach.h"
#include "config/tool/rules/broadcast.h"
#include "config/tool/rules/report.h"

namespace clusterbind::tool {
namespace {

/// Throws if a source address is a broadcast address of this host: the kernel's bpf_bind() accepts
/// it, but the connection then leaves from the node's address, and no program of ours is called
/// after it.
void refuse_broadcast_sources(const RuleText& rules) {
  const std::vector<BroadcastSource> found = broadcast_sources(rules);
  if (!found.empty()) {
    throw CannotAttach(fmt::format(
        "{}: source address {} is a broadcast address of this host: name the address to send from",
        rule_place(rules, found[0].rule), address_text(found[0].address)));
  }
}

void tell_attached(const Options& options, const std::string& group, const RuleText& rules,
                   const Warnings& warnings) {
  if (!options.json) {
    for (const std::string& warning : warnings) {
      complain(fmt::format("warning: {}", warning));
    }
    fmt::print("{}: {} of {} in force\n", printable(group),
               counted(rules.parsed().rules.size(), "rule"), printable(rules.name()));
    return;
  }
  Json json;
  json.object();
  json.add("group", group);
  json.add("source", rules.name());
  json.add("rules", rules.parsed().rules.size());
  json.array("warnings");
  for (const std::string& warning : warnings) {
    json.item(warning);
  }
  json.end();
  json.end();
  fmt::print("{}\n", json.text());
}

}  // namespace

int tell_trouble(const std::exception& trouble, const Options& options) {
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
    say(refused->log);  // the kernel's own lines
  }
  return exit_unknown;
}

int attach_given(const Given& given, const std::string& group, const Options& options) {
  const std::string trouble = trouble_report(given);
  if (!trouble.empty()) {
    if (options.json) {
      print_wrong_json(given, nullptr);
    }
    say(trouble);
    return exit_bad;
  }
  const RuleText rules(given.name, given.text);
  if (!rules.right()) {
    if (options.json) {
      print_wrong_json(given, &rules);
    }
    say(error_report(rules));
    return exit_bad;
  }
  try {
    AttachOptions how;
    how.verbose = options.verbose;
    if (given.path) {
      how.name = std::filesystem::absolute(*given.path).lexically_normal();
    }
    refuse_broadcast_sources(rules);
    tell_attached(options, group, rules, attach_rules(group, rules, how));
    return exit_good;
  } catch (const std::exception& problem) {
    return tell_trouble(problem, options);
  }
}

}  // namespace clusterbind::tool
