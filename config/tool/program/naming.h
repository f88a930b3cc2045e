// Under which name the rules see a program.
#pragma once

#include <string>

namespace clusterbind::tool {

/// Rules see the file name of the executable that runs in the end: that behind symbolic links, and
/// of a script that of its interpreter.
struct Naming {
  std::string seen;  // by the rules
  std::string file;  // the executable; empty where the name is none of a program on this host
  bool is_script = false;
  std::string trouble;  // why it could not be found out; empty where it could
};

/// Looks for a program by its path, or by its name as execvp(3) would. A name that no program of
/// this host has is taken as it is: the rules may be for another host.
Naming naming_of(const std::string& name_or_path);

}  // namespace clusterbind::tool
