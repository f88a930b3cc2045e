#include "config/tool/units/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "config/tool/host/age.h"
#include "config/tool/host/files.h"
#include "config/tool/host/process.h"
#include "config/tool/kernel/attach.h"
#include "config/tool/kernel/status.h"
#include "config/tool/program/running_process.h"
#include "config/tool/units/systemctl.h"

namespace clusterbind::tool {
namespace {

/// A process younger than this may not have got as far as it will: up to its execve(2) it runs
/// systemd's own program, without the unit's environment, and then ld.so loads the library. Both
/// take their time on a busy host, and longer with DynamicUser=.
constexpr std::chrono::seconds time_to_start(5);

void add_processes(const std::string& folder, std::vector<pid_t>& processes) {
  const std::string text = read_file(folder + "/cgroup.procs", size_t{1} << 20).value_or("");
  for (const std::string_view word : split(text, "\n")) {
    pid_t pid = 0;
    std::from_chars(word.data(), word.data() + word.size(), pid);
    processes.push_back(pid);
  }
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator(folder, gone)) {
    if (entry.is_directory(gone)) {
      add_processes(entry.path(), processes);
    }
  }
}

/// Why the processes of a group are not covered by the kernel; empty if they are.
std::string why_not_by_kernel(const std::string& group) {
  const auto attachment = attachment_of(group);
  return attachment && attachment->has_ipv4 && attachment->has_ipv6
             ? std::string()
             : "the rules are not in the kernel for its group";
}

/// Why a process is not covered by the library; empty if it is.
std::string why_not_by_library(const RunningProcess& process, const DropIn& drop_in) {
  if (!process.has_library()) {
    return absence_of(process);
  }
  const std::string file = process.is_secure || !process.environment
                               ? std::string()
                               : variable_in(*process.environment, "CLUSTERBIND_CONFIG");
  if (!drop_in.file.empty() && file != drop_in.file) {
    return fmt::format("it has its rules from {}", file.empty() ? "/etc/clusterbind.conf" : file);
  }
  return {};
}

}  // namespace

std::string folder_of_unit(const std::string& unit) {
  std::string trouble;
  const std::string group = property(show_unit(unit, trouble), "ControlGroup");
  for (const char* const root :
       {"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"}) {
    std::string folder = root + group;
    if (!group.empty() && exists(folder + "/cgroup.procs")) {
      return folder;
    }
  }
  return {};
}

namespace {

Coverage coverage_now(const std::string& unit, const DropIn& drop_in) {
  Coverage coverage;
  std::vector<pid_t> found;
  const std::string folder = folder_of_unit(unit);
  std::string of_group;
  if (!folder.empty()) {
    add_processes(folder, found);
    of_group = drop_in.way == Way::kernel ? why_not_by_kernel(folder) : std::string();
  }
  std::ranges::sort(found);
  for (const pid_t pid : found) {
    const RunningProcess process = look_at(pid);
    if (process.kind != ProcessKind::ordinary || (process.executable.empty() && !is_alive(pid))) {
      continue;  // it has ended
    }
    coverage.processes.push_back(pid);
    if (drop_in.way == Way::kernel) {
      if (!of_group.empty()) {
        coverage.lacking.push_back({pid, process.executable, of_group});
      }
      continue;
    }
    if (!process.mapped.is_readable) {
      ++coverage.hidden;
      continue;
    }
    if (!drop_in.file.empty() && process.has_library() && process.rules.is_unknown) {
      coverage.unclear.push_back({pid, process.executable, process.rules.text});
      continue;
    }
    const std::string why = why_not_by_library(process, drop_in);
    if (!why.empty()) {
      coverage.lacking.push_back({pid, process.executable, why});
    }
  }
  return coverage;
}

}  // namespace

Coverage coverage_of(const std::string& unit, const DropIn& drop_in) {
  const auto deadline = std::chrono::steady_clock::now() + time_to_start;
  for (;;) {
    Coverage coverage = coverage_now(unit, drop_in);
    // By kernel, the group decides, whatever a process runs.
    const bool may_change = drop_in.way == Way::library &&
                            std::ranges::any_of(coverage.lacking, [](const UncoveredProcess& one) {
                              return is_younger(one.pid, time_to_start);
                            });
    if (!may_change || std::chrono::steady_clock::now() >= deadline) {
      return coverage;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

bool is_covered(const std::string& unit, const DropIn& drop_in) {
  try {
    if (drop_in.way == Way::kernel) {
      const auto attachment = attachment_of(folder_of_unit(unit));
      if (!attachment || file_state(*attachment) != FileState::same) {
        return false;
      }
    }
    return coverage_of(unit, drop_in).is_whole();
  } catch (const std::runtime_error&) {
    return false;  // the kernel does not say
  }
}

}  // namespace clusterbind::tool
