// The texts of --help.
#pragma once

#include <string_view>

#include "config/tool/command/options.h"

namespace clusterbind::tool {

/// The text for `clusterbind --help`.
std::string_view general_help();

/// The text for `clusterbind COMMAND --help`.
std::string_view help_of(Command command);

}  // namespace clusterbind::tool
