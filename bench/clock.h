// Time and the processor that is timed.
#pragma once

#include <cstdint>
#include <ctime>

namespace clusterbind::bench {

/// CLOCK_MONOTONIC, or the clock that is named, in nanoseconds.
inline int64_t now_ns(clockid_t clock = CLOCK_MONOTONIC) {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// The last processor that this process may use: the first ones serve most interrupts.
int quiet_cpu();

/// Pins the calling process, and what it starts from now on, to one processor.
void pin_to(int cpu);

/// A point in time after which a part stops measuring, whatever it has by then.
class Deadline {
 public:
  explicit Deadline(double seconds) : end_(now_ns() + static_cast<int64_t>(seconds * 1e9)) {}

  bool passed() const { return now_ns() >= end_; }

  /// Milliseconds left, 0 when passed: what poll(2) takes.
  int left_ms() const;

 private:
  int64_t end_;
};

}  // namespace clusterbind::bench
