// Clocks, and the choice of the processor.
#pragma once

#include <cstdint>
#include <ctime>

namespace clusterbind::bench {

/// The time of CLOCK_MONOTONIC, or of another clock, in nanoseconds.
inline int64_t now_ns(clockid_t clock = CLOCK_MONOTONIC) {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// The last processor that this process may use: the first ones handle most interrupts.
int quiet_cpu();

/// Pins the calling process, and those that it starts afterwards, to one processor.
void pin_to(int cpu);

/// The time at which a part stops to measure, whatever it has measured by then.
class Deadline {
 public:
  explicit Deadline(double seconds) : end_(now_ns() + static_cast<int64_t>(seconds * 1e9)) {}

  bool passed() const { return now_ns() >= end_; }

  /// Milliseconds until the deadline, 0 if it has passed: a timeout for poll(2).
  int left_ms() const;

 private:
  int64_t end_;
};

}  // namespace clusterbind::bench
