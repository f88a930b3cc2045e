// What --help prints.
#pragma once

#include <string_view>

#include "config/tool/command/options.h"

namespace clusterbind::tool {

/// Of `clusterbind --help`.
std::string_view general_help();

/// Of `clusterbind COMMAND --help`.
std::string_view help_of(Command command);

}  // namespace clusterbind::tool
