// The processes that make the connections. Each is this program itself, started again in the
// network, control group and environment that are to be measured; it does rounds on request.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bench/connection.h"
#include "bench/process.h"

namespace clusterbind::bench {

/// What a worker is started with.
struct Job {
  std::vector<Way> ways;
  /// For each way the group whose rules in the kernel it is measured under, or an empty text for
  /// none: the worker puts them in force in its own group, where.cgroup. Or no list at all.
  std::vector<std::string> kernel_rules;
  std::string destination;
  uint16_t port = 0;
  std::string source;
  int listener = -1;           // of the destination; -1: a real peer
  bool listener_tells = true;  // the source address that it sees is the connection's
  bool time_wait = false;
  Command where;  // environment, network, cgroup; the rest is filled in here
};

class Worker {
 public:
  /// Starts the process; `listener` is not needed any more afterwards.
  explicit Worker(const Job& job);

  /// The source address that the far end saw, for each way of the job.
  const std::vector<std::string>& sources() const { return sources_; }

  /// Does `rounds` rounds of one connection in each way, in an order that depends on the round and
  /// on `turn`. The nanoseconds of a way lie side by side, in the order of the job's ways. Throws
  /// Failure.
  std::vector<double> turn(unsigned turn, unsigned rounds);

 private:
  void receive(void* data, size_t size);

  size_t ways_;
  Server server_;
  std::vector<std::string> sources_;
};

/// The words by which this program knows that it is to be a worker.
constexpr const char* worker_word = "--worker";
constexpr const char* count_word = "--count";

/// The other side of Worker: serves requests on descriptor 0 until it is closed.
int run_worker(std::span<const char* const> arguments);

/// Makes NUMBER connections (or calls, on a bad descriptor) of one way, for a profiler to count:
/// WAY NUMBER DESTINATION PORT SOURCE. The destination's listener is descriptor 3.
int run_count(std::span<const char* const> arguments);

/// The same as a command line.
Command count_command(Way way, unsigned number, const Job& job);

}  // namespace clusterbind::bench
