// What the library learns of its process when it is loaded: before a chroot, and before the program
// has changed its environment.
#pragma once

#include <span>
#include <string_view>

#include "config/origin.h"
#include "config/rule.h"
#include "preload/file.h"

namespace clusterbind {

struct Process {
  char started_as[64] = {};  // the last part of the name that it was executed by
  Reader reader;             // of rule files; AT_SECURE: the environment counts for nothing
  LogLevel log = LogLevel::error;
  bool log_given = false;  // CLUSTERBIND_LOG wins over the file
  bool log_to_stderr = false;
  FileIdentity standard_error;  // no file where descriptor 2 was closed
  FileIdentity root;
  std::span<const char* const> kept_environment;  // CLUSTERBIND_* where they are to follow
  const char* preload_entry = nullptr;            // our entry of LD_PRELOAD
};

/// Fills `process` as far as every process needs it. False where there was no memory for the
/// environment that is kept.
bool learn(Process& process);

/// What processes with rules need: whose rules it believes, and a name for log lines.
void learn_identity(Process& process);

/// The program: the last part of /proc/self/exe (proc(5)), within `path`. Empty where that can't be
/// read, or is longer. Read only when it is needed: the first look of a process at
/// this file takes longer than reading ten rules.
std::string_view program_name(std::span<char> path);

/// The variables that say where the rules come from, as they are now.
RuleVariables rule_variables();

}  // namespace clusterbind
