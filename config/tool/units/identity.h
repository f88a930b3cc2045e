// The user and group that systemd starts a unit's program as.
#pragma once

#include <sys/types.h>

#include <string>

#include "config/tool/units/unit.h"

namespace clusterbind::tool {

struct Identity {
  uid_t user = 0;
  gid_t group = 0;
  std::string unknown;  // the user or group whose number could not be determined
};

/// The user and group of a unit; those of nobody for a dynamic user or if they are unknown.
Identity identity_of(const Unit& unit);

}  // namespace clusterbind::tool
