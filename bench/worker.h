// The processes that make the connections. Each is this program itself, started again in the
// network namespace, control group and environment to be measured. It does rounds on request.
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
  /// For each way, the group whose rules in the kernel it is measured with, or an empty text for
  /// none: the worker attaches them to its own group, where.cgroup. The list may be empty.
  std::vector<std::string> kernel_rules;
  std::string destination;
  uint16_t port = 0;
  std::string source;
  int listener = -1;           // the destination's listener; -1: a real peer
  bool listener_tells = true;  // the listener sees the source address of the connection
  bool time_wait = false;
  Command where;  // environment, network and cgroup; the rest is filled in
};

class Worker {
 public:
  /// Starts the process. `listener` may be closed afterwards.
  explicit Worker(const Job& job);

  /// The source addresses that the far end has seen, one for each way of the job.
  const std::vector<std::string>& sources() const { return sources_; }

  /// Does `rounds` rounds of one connection in each way, in an order that depends on the round and
  /// on `turn`. Returns the nanoseconds, all those of one way side by side, in the order of the
  /// job's ways. Throws Failure.
  std::vector<double> turn(unsigned turn, unsigned rounds);

 private:
  void receive(void* data, size_t size);

  size_t ways_;
  Server server_;
  std::vector<std::string> sources_;
};

/// The first argument that makes this program a worker.
constexpr const char* worker_word = "--worker";
constexpr const char* count_word = "--count";

/// The process itself: serves requests on descriptor 0 until that is closed.
int run_worker(std::span<const char* const> arguments);

/// Makes NUMBER connections (or calls on a bad descriptor) in one way, for a profiler that counts
/// them. The arguments are WAY NUMBER DESTINATION PORT SOURCE; descriptor 3 is the destination's
/// listener.
int run_count(std::span<const char* const> arguments);

/// The command line for this.
Command count_command(Way way, unsigned number, const Job& job);

}  // namespace clusterbind::bench
