// Mail programs that are known by name: their own setting of the source address, and their traps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/tool/program/program.h"

namespace clusterbind::tool {

struct Mta {
  std::string name;
  std::string setting;              // its own, which serves better where it suffices; may be empty
  std::vector<std::string> notes;   // what to know when it is started under the library
  bool runs_itself_secure = false;  // runs its own file again in secure execution to deliver
};

/// The mail program that a program belongs to, with what its configuration on this host says.
std::optional<Mta> known_mta(const Program& program);

}  // namespace clusterbind::tool
