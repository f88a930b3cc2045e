#include "config/tool/check/start.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "config/rule_text.h"
#include "config/tool/command/terminal.h"
#include "config/tool/host/command.h"
#include "config/tool/host/files.h"
#include "config/tool/program/library.h"
#include "config/tool/program/program.h"
#include "config/tool/rules/given.h"

namespace clusterbind::tool {
namespace {

/// What is wrong with the rules; empty if they are correct.
std::string wrong_rules(Given given) {
  if (given.none) {
    return "no rules: there is no /etc/clusterbind.conf, and no variable names another file";
  }
  if (!given.trouble.empty()) {
    return fmt::format("{}: {}", given.name, given.trouble);
  }
  if (!given.refused.empty()) {
    return fmt::format("{}: {}: the library refuses the file: {}", given.name, given.refused,
                       given.refused_hint);
  }
  const RuleText rules(given.name, std::move(given.text));
  if (rules.right()) {
    return {};
  }
  const Error& first = rules.errors().list[0];
  const size_t others = rules.errors().count - 1;
  return fmt::format("{}:{}:{}: error: {}{}", rules.name(), first.line, first.column, first.message,
                     others == 0 ? "" : fmt::format(" (and {})", counted(others, "more error")));
}

/// Whether a line of /proc/PID/maps names the library.
bool names_library(std::string_view line) {
  constexpr std::string_view deleted = " (deleted)";
  if (line.ends_with(deleted)) {
    line.remove_suffix(deleted.size());
  }
  return base_name(line) == library_name;
}

/// Why a program that is started here does not have the library; empty if it has, or if no dynamic
/// program could be started to find out.
std::string missing_library() {
  const Program probe = find_program("cat");
  if (!probe.elf || probe.elf->interpreter.empty()) {
    return {};
  }
  const CommandResult ran = run_command({probe.path, "/proc/self/maps"});
  if (ran.output.find('/') == std::string::npos) {
    return {};
  }
  for (const std::string_view line : split(ran.output, "\n")) {
    if (names_library(line)) {
      return {};
    }
  }
  const char* const preload = std::getenv("LD_PRELOAD");
  if (preload == nullptr || std::string_view(preload).find(library_name) == std::string::npos) {
    return fmt::format("LD_PRELOAD does not name {}: what is started here would connect without it",
                       library_name);
  }
  return fmt::format("LD_PRELOAD={}, but the loader does not load it", preload);
}

}  // namespace

int check_start(const Options& options) {
  Given given = options.operands.empty() ? given_by(options) : given_file(options.operands.front());
  std::string wrong = wrong_rules(std::move(given));
  if (wrong.empty()) {
    wrong = missing_library();
  }
  if (wrong.empty()) {
    return exit_good;
  }
  complain(printable(wrong));
  return exit_bad;
}

}  // namespace clusterbind::tool
