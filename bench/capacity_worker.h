// The process that opens connections until no port is free.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace clusterbind::bench {

constexpr const char* capacity_word = "--capacity";

/// How many connections are open, and the median connect time of the last step.
struct Step {
  double held = 0;
  double median_us = 0;
  int error = 0;  // the errno that ended the run; 0 except in the last Step
};

/// MODE DESTINATIONS STEP LIMIT SECONDS SOURCE PORT: opens up to LIMIT connections from SOURCE to
/// PORT of 127.0.0.1 and the addresses that follow it, in turn. Writes a Step to descriptor 1 after
/// every STEP connections. MODE is `plain` (just connect) or `bind` (bind to SOURCE first).
/// Descriptor 3 is the listener.
int run_capacity_worker(std::span<const char* const> arguments);

}  // namespace clusterbind::bench
