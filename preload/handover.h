// A followed program that has a service manager start another one: what that starts has not this
// environment, and goes without the library.
#pragma once

#include "preload/load.h"

namespace clusterbind {

/// Logs it, if `program`, about to be executed with these arguments, is systemctl(1) and is to
/// start a unit, where systemd runs. Pointers that the kernel would refuse are left to it.
[[gnu::cold]] void note_hand_over(const Rules& rules, const char* program, char* const* arguments);

}  // namespace clusterbind
