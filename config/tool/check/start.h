// `clusterbind check --start`, which a systemd unit runs right before it starts its program.
#pragma once

#include "config/tool/command/options.h"

namespace clusterbind::tool {

/// Checks that the rules are correct, and that a dynamic program that is started with this very
/// environment, user and sandbox has the library loaded. Prints in one line what is wrong. What
/// cannot be determined is not an error: a sandbox may forbid to look, and the library itself
/// refuses connections if it must.
int check_start(const Options& options);

}  // namespace clusterbind::tool
