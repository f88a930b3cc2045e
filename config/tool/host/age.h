// Which came first: a change of a file, or the start of a process.
#pragma once

#include <sys/types.h>

#include <ctime>

namespace clusterbind::tool {

/// Whether a file was changed (its ctime, which also a rename sets) after a process was started, by
/// the clocks that the kernel keeps for both: those of processes tick 100 times a second. False
/// where that is not certain. A process that was forked without an exec counts from the start of
/// the first one that runs the same image, which is the one that has read the rules.
bool is_changed_since_start(pid_t pid, const timespec& changed);

}  // namespace clusterbind::tool
