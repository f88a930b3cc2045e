#include "config/tool/program/naming.h"

#include "config/tool/host/files.h"
#include "config/tool/program/program.h"

namespace clusterbind::tool {

Naming naming_of(const std::string& name_or_path) {
  const bool is_path = name_or_path.find('/') != name_or_path.npos;
  const Program program = find_program(name_or_path);
  if (!program.file.empty()) {
    return {std::string(base_name(program.file)), program.file, !program.scripts.empty(), {}};
  }
  if (!is_path) {
    return {name_or_path, {}, false, {}};
  }
  return {{}, {}, false, program.broken.empty() ? program.trouble : program.broken};
}

}  // namespace clusterbind::tool
