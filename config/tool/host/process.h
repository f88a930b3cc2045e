// Reads about processes from /proc; proc(5).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clusterbind::tool {

/// The ids of all current processes that /proc shows.
std::vector<pid_t> process_ids();

/// Whether /proc shows every process of this pid namespace: it is mounted, and does not hide those
/// of other users (hidepid).
bool shows_all_processes();

/// Whether this process is in the first pid namespace, from which all processes of the host can be
/// seen: pid_namespaces(7).
bool is_in_first_pid_namespace();

/// Whether there is such a process or thread, even if /proc hides it.
bool is_alive(pid_t pid);

/// The parent of a process, or 0.
pid_t parent_of(pid_t pid);

/// All descendants of a process, parents first.
std::vector<pid_t> descendants_of(pid_t pid);

/// The path of the running executable, even if its file was deleted; empty for kernel threads and
/// zombies, and if it cannot be read.
std::string executable_of(pid_t pid);

/// A path below /proc/PID.
std::string process_path(pid_t pid, std::string_view entry);

/// Whether the library is mapped in a process, and from which file.
struct Mapped {
  bool is_readable = false;  // false: nothing is known
  std::string library;       // empty if it is not mapped
  std::string place;         // the address range of its first mapping
  bool is_deleted = false;   // the file was deleted or replaced
};
Mapped mapped_library(pid_t pid);

/// The mapped files, each of them once.
std::vector<std::string> mapped_files(pid_t pid);

/// The kinds of processes: kernel threads and zombies have no memory to examine.
enum class ProcessKind { ordinary, kernel_thread, zombie };
ProcessKind process_kind(pid_t pid);

/// The process's own id, or that of a living thread if its main thread has ended: the files of
/// /proc/PID are empty then.
pid_t living_thread(pid_t pid);

/// What to do about a lack of permission: "ask as root", or for root, what else the reason may be.
std::string permission_hint();

/// The environment that the process was started with. Nothing if it cannot be read.
std::optional<std::vector<std::string>> environment_of(pid_t pid);

/// The value of a variable in an environment; empty if it is not set.
std::string variable_in(const std::vector<std::string>& environment, std::string_view name);

/// Whether the process runs in secure execution (AT_SECURE, getauxval(3)).
bool is_secure_process(pid_t pid);

/// The resolution of process start times: USER_HZ is 100 on all architectures.
constexpr std::chrono::nanoseconds tick = std::chrono::milliseconds(10);

/// The processor time of a process and of its children that have ended, in seconds.
double processor_time_of(pid_t pid);

/// When the process was started, rounded down to a tick. Nothing if that cannot be read.
std::optional<std::chrono::nanoseconds> start_since_boot(pid_t pid);

}  // namespace clusterbind::tool
