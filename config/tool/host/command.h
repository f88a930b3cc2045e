// Runs another program and reads what it prints.
#pragma once

#include <string>
#include <vector>

namespace clusterbind::tool {

struct Ran {
  int error = 0;       // errno where the program could not be started
  int status = -1;     // its exit status; -1 where a signal ended it
  std::string output;  // of both its streams, up to 16 MiB

  bool good() const { return error == 0 && status == 0; }
};

/// Runs a program, looked for as execvp(3) does, with this process's environment and without input,
/// and waits for its end.
Ran run_command(const std::vector<std::string>& words);

}  // namespace clusterbind::tool
