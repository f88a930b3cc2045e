// Whether rules in the kernel reach a running process.
#pragma once

#include <sys/types.h>

#include <string>

namespace clusterbind::tool {

struct KernelReach {
  enum { no, yes, unknown } answer = no;
  std::string group;    // the group that has the rules; empty if it cannot be seen from here
  std::string trouble;  // why the answer is unknown
};

/// Whether the group of a process, or one around that, has rules.
KernelReach reach_by_kernel(pid_t pid);

}  // namespace clusterbind::tool
