// Known mail programs: their own settings of the source address, and their pitfalls.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/tool/program/program.h"

namespace clusterbind::tool {

struct Mta {
  std::string name;
  std::string setting;              // its own setting, which is better if it suffices; may be empty
  std::vector<std::string> notes;   // what to know when it runs under the library
  bool runs_itself_secure = false;  // to deliver, it runs its own file in secure execution
};

/// The mail program that a program belongs to, with what its configuration on this host says.
std::optional<Mta> known_mta(const Program& program);

}  // namespace clusterbind::tool
