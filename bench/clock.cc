#include "bench/clock.h"

#include <sched.h>

#include <algorithm>

#include "bench/failure.h"

namespace clusterbind::bench {

int quiet_cpu() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    throw system_failure("sched_getaffinity");
  for (int cpu = CPU_SETSIZE - 1; cpu > 0; --cpu)
    if (CPU_ISSET(static_cast<size_t>(cpu), &allowed)) return cpu;
  return 0;
}

void pin_to(int cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<size_t>(cpu), &one);
  if (sched_setaffinity(0, sizeof one, &one) != 0) throw system_failure("sched_setaffinity");
}

int Deadline::left_ms() const {
  const int64_t left = (end_ - now_ns()) / 1'000'000;
  return static_cast<int>(std::clamp<int64_t>(left, 0, 3'600'000));
}

}  // namespace clusterbind::bench
