// The process whose threads connect at the same time.
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
  /// Starts the process, with the environment and group of `where`. Its threads connect to `port`
  /// of loopback addresses, each of which has its own listener, and bind to `source` if the way
  /// requires that.
  ThreadsWorker(Command where, uint16_t port, const std::string& source);

  /// Connections per second of this number of threads, measured for a while.
  double rate(Way way, unsigned threads, unsigned milliseconds);

 private:
  Server server_;
};

/// The process itself: serves requests on descriptor 0 until that is closed.
int run_threads_worker(std::span<const char* const> arguments);

}  // namespace clusterbind::bench
