// Processes as /proc shows them; proc(5).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clusterbind::tool {

/// All process ids now.
std::vector<pid_t> process_ids();

/// The parent of a process, or 0.
pid_t parent_of(pid_t pid);

/// All that descend from a process, parents first.
std::vector<pid_t> descendants_of(pid_t pid);

/// The path of the running executable, also where its file was deleted; empty for kernel threads,
/// zombies, and where it cannot be read.
std::string executable_of(pid_t pid);

/// A path below /proc/PID.
std::string process_path(pid_t pid, std::string_view entry);

/// Whether the library is mapped, and from which file.
struct Mapped {
  bool is_readable = false;  // otherwise nothing is known
  std::string library;       // empty: not mapped
  std::string place;         // the addresses of its first piece
  bool is_deleted = false;   // the file is no longer there, or was replaced
};
Mapped mapped_library(pid_t pid);

/// The files that are mapped, once each.
std::vector<std::string> mapped_files(pid_t pid);

/// What a process id stands for where it is no ordinary process.
enum class Life { ordinary, kernel_thread, zombie };
Life life_of(pid_t pid);

/// The process's own id, or that of a living thread where its main thread has ended: entries of
/// /proc/PID are empty then.
pid_t living_thread(pid_t pid);

/// "ask as root", or to root what else it may be.
std::string permission_hint();

/// The environment that the process was started with. Nothing where it cannot be read.
std::optional<std::vector<std::string>> environment_of(pid_t pid);

/// The value of a variable in an environment; empty where it is not there.
std::string variable_in(const std::vector<std::string>& environment, std::string_view name);

/// Whether the process runs in secure execution (AT_SECURE, getauxval(3)).
bool is_secure_process(pid_t pid);

/// How finely the kernel tells when a process was started: USER_HZ is 100 everywhere.
constexpr std::chrono::nanoseconds tick = std::chrono::milliseconds(10);

/// When the process was started, rounded down to a tick. Nothing where that cannot be read.
std::optional<std::chrono::nanoseconds> start_since_boot(pid_t pid);

}  // namespace clusterbind::tool
