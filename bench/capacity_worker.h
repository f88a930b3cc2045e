// The process that opens connections until no port is left.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace clusterbind::bench {

constexpr const char* capacity_word = "--capacity";

/// Connections held, and the median connect time of the last step.
struct Step {
  double held = 0;
  double median_us = 0;
  int error = 0;  // errno that ended the run: this is the last Step
};

/// MODE DESTINATIONS STEP LIMIT SECONDS SOURCE PORT: opens connections from SOURCE to PORT of
/// 127.0.0.1 and the addresses behind it, in turn, and writes a Step to descriptor 1 for every STEP
/// of them, up to LIMIT. MODE is `plain` (connect as it comes) or `bind` (bind to SOURCE first).
/// The listener is descriptor 3.
int run_capacity_worker(std::span<const char* const> arguments);

}  // namespace clusterbind::bench
