// The age of a process: whether a file was changed after its start, and whether it is new.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <ctime>

namespace clusterbind::tool {

/// Whether a file was changed (its ctime, which a rename sets too) after a process was started. The
/// kernel's clock for process starts has 100 ticks a second; returns false if the order is not
/// certain. For a process that was forked without an exec, the start of the first process with the
/// same image counts, because that one has read the rules.
bool is_changed_since_start(pid_t pid, const timespec& changed);

/// Whether a process was started (forked, for the kernel) less than a time ago. False if that
/// cannot be read, as when it has ended.
bool is_younger(pid_t pid, std::chrono::nanoseconds than);

}  // namespace clusterbind::tool
