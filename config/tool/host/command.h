// Runs another program and captures its output.
#pragma once

#include <string>
#include <vector>

namespace clusterbind::tool {

struct CommandResult {
  int error = 0;       // errno if the program could not be started
  int status = -1;     // its exit status; -1 if it was ended by a signal
  std::string output;  // of both streams together, up to 16 MiB

  bool good() const { return error == 0 && status == 0; }
};

/// Runs a program, found as by execvp(3), with this process's environment and without input, and
/// waits until it ends.
CommandResult run_command(const std::vector<std::string>& words);

}  // namespace clusterbind::tool
