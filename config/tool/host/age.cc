#include "config/tool/host/age.h"

#include <cstdint>

#include "config/tool/host/process.h"

namespace clusterbind::tool {
namespace {

constexpr int64_t second = 1'000'000'000;  // in nanoseconds

int64_t nanoseconds(const timespec& time) {
  return static_cast<int64_t>(time.tv_sec) * second + time.tv_nsec;
}

int64_t now(clockid_t clock) {
  timespec time = {};
  clock_gettime(clock, &time);
  return nanoseconds(time);
}

/// The ancestor whose memory image the process has by fork alone, without an exec: the libraries
/// are mapped at the same addresses.
pid_t first_of_image(pid_t pid) {
  for (;;) {
    const pid_t parent = parent_of(pid);
    const Mapped own = mapped_library(pid);
    if (parent <= 1 || own.library.empty() || executable_of(parent) != executable_of(pid) ||
        mapped_library(parent).place != own.place) {
      return pid;
    }
    pid = parent;
  }
}

}  // namespace

bool is_changed_since_start(pid_t pid, const timespec& changed) {
  const auto started = start_since_boot(first_of_image(pid));
  if (!started) {
    return false;
  }
  const int64_t boot = now(CLOCK_REALTIME) - now(CLOCK_BOOTTIME);
  // The start time is rounded down to a tick, and the time of a change can be late by up to one.
  return nanoseconds(changed) > boot + started->count() + tick.count();
}

bool is_younger(pid_t pid, std::chrono::nanoseconds than) {
  const auto started = start_since_boot(pid);
  return started && now(CLOCK_BOOTTIME) - started->count() < than.count();
}

}  // namespace clusterbind::tool
