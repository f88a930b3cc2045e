// What the library learns about its process when it is loaded: before the program changes its root
// directory or its environment.
#pragma once

#include <span>
#include <string_view>

#include "config/origin.h"
#include "config/rule.h"
#include "preload/file.h"

namespace clusterbind {

struct Process {
  char started_as[64] = {};  // the last part of the path that it was executed by
  Reader reader;             // as whom it reads rule files
  LogLevel log = LogLevel::error;
  bool log_given = false;  // CLUSTERBIND_LOG is set, so the file's `log` does not count
  bool log_to_stderr = false;
  FileIdentity standard_error;  // of descriptor 2 at load; no file if it was closed
  FileIdentity root;
  std::span<const char* const> kept_environment;  // CLUSTERBIND_*, if CLUSTERBIND_FOLLOW is 1
  const char* preload_entry = nullptr;            // the library's entry of LD_PRELOAD, likewise
};

/// Fills in what every process needs. False if there was no memory for the kept environment.
bool learn(Process& process);

/// Fills in what only a process with rules needs: as whom it reads rule files, and its name for log
/// lines.
void learn_identity(Process& process);

/// The name of the program: the last part of /proc/self/exe (proc(5)), within `path`. Empty if that
/// cannot be read, or does not fit into `path`. Call this only when the name is needed: the first
/// readlink(2) of this file in a process takes longer than reading ten rules.
std::string_view program_name(std::span<char> path);

/// The variables that say where the rules come from, as they are now.
RuleVariables rule_variables();

}  // namespace clusterbind
