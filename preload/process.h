// What the library learns of its process when it is loaded: before a chroot, and before the program
// has changed its environment.
#pragma once

#include <span>

#include "config/origin.h"
#include "config/rule.h"
#include "preload/file.h"

namespace clusterbind {

struct Process {
  char program[256] = {};   // the last part of /proc/self/exe; empty where that can't be read
  bool secure = false;      // AT_SECURE (getauxval(3)): the environment counts for nothing
  bool privileged = false;  // a rule file must be root's
  LogLevel log = LogLevel::error;
  bool log_given = false;  // CLUSTERBIND_LOG wins over the file
  bool log_to_stderr = false;
  FileIdentity standard_error;  // no file where descriptor 2 was closed
  FileIdentity root;
  PortRange ephemeral = {32768, 60999};           // net.ipv4.ip_local_port_range
  std::span<const char* const> kept_environment;  // CLUSTERBIND_* where they are to follow
  const char* preload_entry = nullptr;            // our entry of LD_PRELOAD
};

/// Fills `process` as far as every process needs it. False where there was no memory for the
/// environment that is kept.
bool learn(Process& process);

/// What processes with rules need: the program, and whose rules it believes.
void learn_identity(Process& process);

/// What processes with rules that bind need.
void learn_ephemeral_ports(Process& process);

/// The variables that say where the rules come from, as they are now.
RuleVariables rule_variables();

}  // namespace clusterbind
