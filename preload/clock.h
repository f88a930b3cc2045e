// The time since boot for intervals of a second: coarse, because it costs no system call.
#pragma once

#include <time.h>

#include <cstdint>

namespace clusterbind {

/// Seconds of CLOCK_MONOTONIC_COARSE (clock_gettime(2)), never 0.
inline int64_t now_s() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return int64_t{now.tv_sec} + 1;
}

/// Milliseconds of CLOCK_MONOTONIC_COARSE (clock_gettime(2)), never 0.
inline int64_t now_ms() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000 + 1;
}

constexpr int64_t milliseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

/// Milliseconds of CLOCK_REALTIME_COARSE (clock_gettime(2)), by which the kernel notes when a file
/// was changed.
inline int64_t wall_clock_ms() {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return milliseconds(now);
}

}  // namespace clusterbind
