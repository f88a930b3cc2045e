// The name by which the rules know a program.
#pragma once

#include <string>

namespace clusterbind::tool {

/// Rules match the file name of the executable that runs in the end: of a symbolic link its target,
/// of a script its interpreter.
struct Naming {
  std::string seen;  // the name that rules match
  std::string file;  // the executable; empty if no program of this host has the name
  bool is_script = false;
  std::string trouble;  // why it could not be determined; empty if it could
};

/// Finds a program by its path, or by its name as execvp(3) would. A name that no program of this
/// host has is kept as it is, because the rules may be for another host.
Naming naming_of(const std::string& name_or_path);

}  // namespace clusterbind::tool
