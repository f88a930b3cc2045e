// The process whose threads connect at once.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "bench/connection.h"
#include "bench/process.h"

namespace clusterbind::bench {

constexpr const char* threads_word = "--threads";
constexpr unsigned most_threads = 8;

class ThreadsWorker {
 public:
  /// Starts the process, in the environment and group of `where`. Its threads connect to `port` of
  /// loopback addresses, where each has a listener of its own, and bind to `source` where the way
  /// says so.
  ThreadsWorker(Command where, uint16_t port, const std::string& source);

  /// Connections per second of so many threads together, which connect in this way for a while.
  double rate(Way way, unsigned threads, unsigned milliseconds);

 private:
  Server server_;
};

/// The other side: serves requests on descriptor 0 until it is closed.
int run_threads_worker(std::span<const char* const> arguments);

}  // namespace clusterbind::bench
