// Warns if the program asks systemd to start a unit: systemd does not pass this environment on, so
// what it starts runs without the library.
#pragma once

#include "preload/load.h"

namespace clusterbind {

/// Logs an error if systemd runs and `program`, which is about to be executed with these arguments,
/// is systemctl(1) with a verb that starts a unit. Does not read pointers that the kernel refuses.
[[gnu::cold]] void note_hand_over(const Rules& rules, const char* program, char* const* arguments);

}  // namespace clusterbind
