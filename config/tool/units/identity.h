// Whom systemd starts a unit's program as.
#pragma once

#include <sys/types.h>

#include "config/tool/units/unit.h"

namespace clusterbind::tool {

struct Identity {
  uid_t user = 0;
  gid_t group = 0;
};

/// The user and group of a unit, as far as the user database has them; of a dynamic user those of
/// nobody.
Identity identity_of(const Unit& unit);

}  // namespace clusterbind::tool
