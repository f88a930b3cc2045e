// `clusterbind doctor --pid`: whether the library is in a running process and its descendants, or
// rules in the kernel reach them.

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>

#include "config/tool/command/terminal.h"
#include "config/tool/doctor/doctor.h"
#include "config/tool/host/files.h"
#include "config/tool/host/seen_file.h"
#include "config/tool/kernel/reached.h"
#include "config/tool/mta/php.h"
#include "config/tool/program/library.h"
#include "config/tool/program/running_process.h"

namespace clusterbind::tool {
namespace {

/// Why a process id cannot be examined; empty for an ordinary process.
std::string why_not_examined(const RunningProcess& process) {
  switch (process.kind) {
    case ProcessKind::kernel_thread:
      return "a kernel thread: it has no C library, and no library can be loaded into it";
    case ProcessKind::zombie:
      return "a zombie: the process has ended and makes no more connections";
    case ProcessKind::ordinary:
      break;
  }
  return {};
}

std::string library_text(const RunningProcess& process) {
  if (process.kind != ProcessKind::ordinary) {
    return "not in this process";
  }
  if (!process.mapped.is_readable) {
    return "could not find out: no permission";
  }
  if (process.mapped.library.empty()) {
    return "not in this process";
  }
  const std::string version =
      process.mapped.is_deleted
          ? std::string()
          : library_version(SeenFile(process.pid, process.mapped.library).path());
  return process.mapped.library + (process.mapped.is_deleted ? ", replaced or removed since"
                                   : version.empty()         ? ", version unknown"
                                                             : ", version " + version);
}

std::string environment_text(const std::vector<std::string>& environment) {
  std::string text;
  for (const std::string& entry : environment) {
    if (entry.starts_with("CLUSTERBIND_") || entry.starts_with("LD_PRELOAD=")) {
      append(text, entry, " ");
    }
  }
  return text.empty() ? "no CLUSTERBIND_ variables" : text;
}

struct Descendants {
  std::vector<RunningProcess> all;
  std::vector<RunningProcess> lacking;
  bool is_hidden = false;  // some could not be examined, or may not be seen
};

Descendants descendants(pid_t pid) {
  Descendants family;
  for (const pid_t one : descendants_of(pid)) {
    RunningProcess process = look_at(one);
    if (process.kind != ProcessKind::ordinary) {
      continue;
    }
    if (process.executable.empty() && !process.mapped.is_readable) {
      family.is_hidden = family.is_hidden || (exists(process_path(one, "exe")) && errno == EACCES);
      continue;  // it has ended
    }
    family.all.push_back(process);
    if (!process.mapped.is_readable) {
      family.is_hidden = true;
    } else if (!process.has_library()) {
      const KernelReach kernel = reach_by_kernel(one);
      family.is_hidden = family.is_hidden || kernel.answer == KernelReach::unknown;
      if (kernel.answer == KernelReach::no) {
        family.lacking.push_back(process);
      }
    }
  }
  family.is_hidden = family.is_hidden || !shows_all_processes();
  return family;
}

/// The verdict on the process itself.
Verdict own_verdict(const RunningProcess& process, const KernelReach& kernel) {
  if (const std::string why = why_not_examined(process); !why.empty()) {
    return {Verdict::no, "not reached: " + why};
  }
  // Without the executable's name, the rules that apply to it are unknown.
  if (!process.mapped.is_readable || process.executable.empty()) {
    return {Verdict::unknown,
            exists(process_path(process.pid, "stat"))
                ? fmt::format("could not find out: no permission to look at this process: {}",
                              permission_hint())
                : "could not find out: the process has ended"};
  }
  if (kernel.answer == KernelReach::yes) {
    return {Verdict::yes, "reached by rules in the kernel"};
  }
  if (!process.has_library() && kernel.answer == KernelReach::unknown) {
    return {Verdict::unknown,
            fmt::format("could not find out whether rules in the kernel reach it: {}; the library "
                        "does not: {}",
                        kernel.trouble, absence_of(process))};
  }
  if (!process.has_library()) {
    return {Verdict::no, fmt::format("not reached: {}; see: clusterbind doctor {}",
                                     absence_of(process), process.executable)};
  }
  if (process.rules.is_unknown) {
    return {Verdict::unknown,
            "could not find out which rules the library has read in this process, nor whether "
            "`only` in them leaves it alone: the process has overwritten its environment"};
  }
  if (process.rules.is_excluded) {
    return {Verdict::no,
            fmt::format("not reached: the library is in this process, but `only` in {} "
                        "leaves {} alone",
                        process.rules.name, base_name(process.executable))};
  }
  if (!process.bypassing.empty()) {
    return {Verdict::no, fmt::format("reached, but not PHP's extensions in it: {}: they bypass "
                                     "every preloaded library (RTLD_DEEPBIND), and connect from "
                                     "the node's address",
                                     extension_names(process.bypassing))};
  }
  return {Verdict::yes,
          process.has_uring ? "reached, but not what it connects by io_uring" : "reached"};
}

Verdict verdict_of(const RunningProcess& process, const KernelReach& kernel,
                   const Descendants& family) {
  Verdict own = own_verdict(process, kernel);
  if (own.reach != Verdict::yes) {
    return own;
  }
  const std::string all = counted(family.all.size(), "descendant");
  if (!family.lacking.empty()) {
    const RunningProcess& first = family.lacking[0];
    return {Verdict::no,
            fmt::format("{}, but {} of {} not: {} (pid {}): {}", own.text, family.lacking.size(),
                        all, first.executable, first.pid, absence_of(first))};
  }
  if (family.is_hidden) {
    return {Verdict::unknown,
            fmt::format("{}, but {}: {}", own.text,
                        shows_all_processes() ? "some descendants could not be looked at"
                                              : "/proc hides processes, which may be descendants",
                        permission_hint())};
  }
  if (!family.all.empty()) {
    own.text += ", with " + all;
  }
  return own;
}

void print(const RunningProcess& process, const KernelReach& kernel, const Descendants& family) {
  print_fact("process", fmt::format("{} {}", process.pid, process.executable));
  print_fact("library", library_text(process));
  if (kernel.answer == KernelReach::yes) {
    print_fact("by kernel", kernel.group.empty()
                                ? "by the rules of a group that cannot be seen from here"
                                : "clusterbind status --cgroup " + kernel.group);
  }
  if (!process.mapped.library.empty()) {
    print_fact("rules", process.rules.text);
  }
  if (process.is_secure) {
    print_fact("rights", "secure execution: the library ignores its environment");
  }
  if (!process.bypassing.empty()) {
    print_fact("bypass it", extension_names(process.bypassing));
  }
  if (process.kind == ProcessKind::ordinary) {
    print_fact("environment", process.environment ? environment_text(*process.environment)
                                                  : "cannot be read, or was overwritten");
  }
  print_fact("descendants",
             fmt::format("{}, {} not reached", family.all.size(), family.lacking.size()));
  for (const RunningProcess& one : family.lacking) {
    print_fact("", fmt::format("{} {}: {}", one.pid, one.executable, absence_of(one)));
  }
}

void add_process(Json& json, const RunningProcess& process) {
  json.add("pid", process.pid);
  json.add("program", process.executable);
  json.add("library", process.mapped.library);
  if (process.mapped.is_readable && !process.has_library()) {
    json.add("absence", absence_of(process));
  }
  if (!process.bypassing.empty()) {
    json.array("past_preload");
    for (const std::string& path : process.bypassing) {
      json.item(path);
    }
    json.end();
  }
}

void add_all(Json& json, const RunningProcess& process, const std::string& group,
             const Descendants& family) {
  add_process(json, process);
  if (!group.empty()) {
    json.add("kernel_group", group);
  }
  json.add("secure_execution", process.is_secure);
  if (!process.mapped.library.empty()) {
    json.add("rules", process.rules.text);
  }
  json.array("descendants");
  for (const RunningProcess& one : family.all) {
    json.object();
    add_process(json, one);
    json.end();
  }
  json.end();
}

}  // namespace

int examine_process(const Options& options, const std::string& pid) {
  const bool is_number =
      !pid.empty() && pid.size() < 10 && pid.find_first_not_of("0123456789") == pid.npos;
  if (!is_number) {
    complain(fmt::format("not a process id: {}", printable(pid)));
    return exit_usage;
  }
  const auto number = static_cast<pid_t>(std::strtol(pid.c_str(), nullptr, 10));
  Json json;
  json.object();
  if (!exists(process_path(number, "stat"))) {
    const std::string trouble =
        is_alive(number) ? fmt::format("/proc does not show process {}: {}", pid, permission_hint())
                         : "no such process: " + pid;
    return finish_verdict({Verdict::unknown, "could not find out: " + trouble},
                          options.json ? &json : nullptr);
  }
  const RunningProcess process = look_at(number);
  const Descendants family = descendants(number);
  const KernelReach kernel = reach_by_kernel(number);
  if (options.json) {
    add_all(json, process, kernel.group, family);
  } else {
    print(process, kernel, family);
  }
  return finish_verdict(verdict_of(process, kernel, family), options.json ? &json : nullptr);
}

}  // namespace clusterbind::tool
