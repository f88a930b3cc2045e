// Where a mail server's chroot has its /dev/log, which the library in there needs.
#pragma once

#include <string>
#include <vector>

#include "config/tool/units/unit.h"

namespace clusterbind::tool {

/// /dev/log in the queue folder of each instance of Postfix that a unit may start; not where there
/// is a socket already, as rsyslog makes one.
std::vector<std::string> postfix_logs(const Unit& unit);

}  // namespace clusterbind::tool
