// What to do if the library cannot reach a program and rules in the kernel can.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/tool/command/options.h"
#include "config/tool/program/program.h"

namespace clusterbind::tool {

/// A command that puts the rules into the kernel, and the starts of a program that it covers.
struct ByKernel {
  const char* starts;
  const char* member;  // its name in JSON
  std::string command;
};

/// Quotes a word for a shell's command line.
std::string quoted(std::string_view word);

/// Uses the rules that this command was given. The commands need root, Linux 5.10 and cgroup v2
/// (clusterbind-attach(8)).
std::vector<ByKernel> ways_by_kernel(const Options& options, const Program& program);

}  // namespace clusterbind::tool
