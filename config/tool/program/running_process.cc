#include "config/tool/program/running_process.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "config/origin.h"
#include "config/rule_text.h"
#include "config/tool/command/terminal.h"
#include "config/tool/host/age.h"
#include "config/tool/host/files.h"
#include "config/tool/host/seen_file.h"
#include "config/tool/mta/php.h"
#include "config/tool/program/judge.h"
#include "config/tool/program/library.h"
#include "config/tool/rules/given.h"

namespace clusterbind::tool {
namespace {

/// Whether the file was changed after the process started, and what follows from that.
std::string change_text(const RunningProcess& process, const std::string& path, bool reloads) {
  struct stat facts = {};
  if (stat(path.c_str(), &facts) != 0 || !is_changed_since_start(process.pid, facts.st_ctim)) {
    return {};
  }
  return reloads ? "; changed since the process started, which takes that over when it connects"
                 : "; changed since the process started, which may have the older rules";
}

/// Whether the process runs as this user, as whom given_file() judges.
bool has_this_user(pid_t pid) {
  const std::string status = read_file(process_path(pid, "status"), 65536).value_or("");
  for (const std::string_view line : split(status, "\n")) {
    const auto words = split(line, " \t");
    if (words.size() > 2 && words[0] == "Uid:") {
      return words[2] == std::to_string(geteuid());
    }
  }
  return false;
}

RulesSeen rules_of(const RunningProcess& process) {
  RulesSeen seen;
  if (!process.environment && !process.is_secure) {
    seen.text = "could not find out: the process has overwritten its environment";
    seen.is_unknown = true;
    return seen;
  }
  const std::vector<std::string> environment =
      process.environment.value_or(std::vector<std::string>());
  const std::string rules = variable_in(environment, "CLUSTERBIND_RULES");
  const std::string config = variable_in(environment, "CLUSTERBIND_CONFIG");
  const Origin origin = choose_origin({rules.c_str(), config.c_str()}, process.is_secure);
  if (origin.wrong != nullptr) {
    return {fmt::format("wrong: {}", origin.wrong), {}, false};
  }
  const SeenFile file(process.pid, origin.text != nullptr ? "" : origin.path);
  Given given =
      origin.text != nullptr ? given_text(origin.text) : given_file(file.path(), origin.optional);
  seen.name = origin.text != nullptr ? std::string(rules_variable) : origin.path;
  if (!given.trouble.empty()) {
    seen.text = fmt::format("{}: {}", seen.name, given.trouble);
    return seen;
  }
  if (!given.refused.empty() && has_this_user(process.pid)) {
    seen.text = fmt::format("{}: {}: the library refuses the file", seen.name, given.refused);
    seen.text += change_text(process, file.path(), true);
    return seen;
  }
  const RuleText read(seen.name, std::move(given.text));
  if (!read.right()) {
    seen.text = fmt::format("{}: wrong: see clusterbind check", seen.name);
  } else {
    seen.text = fmt::format("{}: {}", seen.name, counted(read.parsed().rules.size(), "rule"));
    seen.is_excluded = read.excludes(base_name(process.executable));
  }
  if (seen.is_excluded) {
    seen.text += "; `only` leaves this program alone";
  }
  if (origin.path != nullptr) {
    seen.text += change_text(process, file.path(), !read.right() || read.parsed().settings.reload);
  }
  return seen;
}

}  // namespace

RunningProcess look_at(pid_t pid) {
  const pid_t thread = living_thread(pid);
  RunningProcess process;
  process.pid = pid;
  process.kind = process_kind(thread);
  process.executable = executable_of(thread);
  process.mapped = mapped_library(thread);
  process.environment = environment_of(thread);
  process.is_secure = is_secure_process(thread);
  process.bypassing = php_extensions_in(thread);
  if (!process.mapped.library.empty()) {
    const auto elf = read_elf(process_path(thread, "exe"));
    process.unserved = elf ? obstacle(*elf) : std::string();
    process.has_uring = std::ranges::any_of(mapped_files(thread), [](const std::string& path) {
      return base_name(path).starts_with("liburing.so");
    });
    process.rules = rules_of(process);
  }
  return process;
}

std::string absence_of(const RunningProcess& process) {
  const auto elf = read_elf(process_path(process.pid, "exe"));
  if (elf) {
    if (const std::string why = obstacle(*elf); !why.empty()) {
      return why.substr(0, why.find_first_of(":;"));
    }
  }
  if (process.is_secure) {
    return "runs in secure execution";
  }
  if (!process.environment) {
    return "its environment cannot be read, or was overwritten";
  }
  return variable_in(*process.environment, "LD_PRELOAD").find(library_name) == std::string::npos
             ? "its LD_PRELOAD does not name the library"
             : "ld.so did not find the library";
}

}  // namespace clusterbind::tool
