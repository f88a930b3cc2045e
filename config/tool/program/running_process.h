// A running process, and whether and how the library works in it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "config/tool/host/process.h"

namespace clusterbind::tool {

/// The rules that the library in a process has read, as far as can be determined from outside.
struct RulesSeen {
  std::string text;
  std::string name;          // the file, or CLUSTERBIND_RULES
  bool is_excluded = false;  // `only` leaves the program alone
  bool is_unknown = false;   // the process has overwritten its environment
};

struct RunningProcess {
  pid_t pid = 0;
  ProcessKind kind = ProcessKind::ordinary;
  std::string executable;
  Mapped mapped;
  std::optional<std::vector<std::string>> environment;
  bool is_secure = false;
  std::vector<std::string> bypassing;  // PHP's extensions that bypass the library
  std::string unserved;    // if the library is mapped: why it does not see the connections
  bool has_uring = false;  // some connections may bypass the library by io_uring
  RulesSeen rules;         // only if the library is mapped

  bool has_library() const { return !mapped.library.empty() && unserved.empty(); }
};

RunningProcess look_at(pid_t pid);

/// Why a process does not connect through the library.
std::string absence_of(const RunningProcess& process);

}  // namespace clusterbind::tool
