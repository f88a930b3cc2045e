// Finds the /dev/log of a mail server's chroot: the library needs it there to log.
#pragma once

#include <string>
#include <vector>

#include "config/tool/units/unit.h"

namespace clusterbind::tool {

/// /dev/log in the queue folder of each instance of Postfix that a unit may start. A folder that
/// has a socket there already, which rsyslog makes, is left out.
std::vector<std::string> postfix_logs(const Unit& unit);

}  // namespace clusterbind::tool
