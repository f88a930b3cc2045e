// What a systemd unit asks right before it starts its program: `clusterbind check --start`.
#pragma once

#include "config/tool/command/options.h"

namespace clusterbind::tool {

/// Whether rules are right, and a dynamic program that is started with this very environment, user
/// and sandbox has the library in it. Says in one line what is wrong. What could not be found out
/// stops nothing: a sandbox may forbid to look, and the library itself refuses where it must.
int check_start(const Options& options);

}  // namespace clusterbind::tool
