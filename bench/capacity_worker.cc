#include "bench/capacity_worker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "bench/clock.h"
#include "bench/connection.h"
#include "bench/failure.h"
#include "bench/process.h"
#include "bench/statistics.h"

namespace clusterbind::bench {
namespace {

constexpr int listener = 3;

// Holds thousands of connections, of which both ends are on this host. The file descriptors are
// kept by forked children that do nothing else, because RLIMIT_NOFILE limits each process
// separately.
class Holder {
 public:
  Holder() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 20'000);
    setrlimit(RLIMIT_NOFILE, &limit);
    most_ = static_cast<size_t>(limit.rlim_cur) - 64;
    if (limit.rlim_cur < 256)
      throw Failure("RLIMIT_NOFILE is too low: raise it with 'ulimit -n 4096'");
  }

  void keep(int fd) { open_.push_back(fd); }

  /// Makes room for two more descriptors.
  void make_room() {
    if (open_.size() + 2 > most_) park();
  }

 private:
  void park() {
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) throw system_failure("fork");
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != parent) _exit(0);
      for (;;) pause();
    }
    children_.emplace_back(pid);
    for (const int fd : open_) close(fd);
    open_.clear();
  }

  std::vector<int> open_;
  std::vector<Process> children_;
  size_t most_ = 0;
};

void write_step(const Step& step) {
  if (write(STDOUT_FILENO, &step, sizeof step) != sizeof step) throw system_failure("write");
}

struct Run {
  bool binds = false;
  std::vector<Endpoint> destinations;
  Endpoint source;
  Holder holder;

  /// Microseconds that bind and connect took, or -1 with errno set. Both ends stay open.
  double connect_once(const Endpoint& destination) {
    holder.make_room();
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw system_failure("socket");
    holder.keep(fd);
    const linger at_once{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    const int64_t begin = now_ns();
    if (binds && bind(fd, source.address(), source.length) != 0) return -1;
    if (::connect(fd, destination.address(), destination.length) != 0) return -1;
    const int64_t end = now_ns();
    const int accepted = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted >= 0) holder.keep(accepted);
    return static_cast<double>(end - begin) / 1000;
  }
};

}  // namespace

int run_capacity_worker(std::span<const char* const> arguments) {
  if (arguments.size() != 7) throw Failure("wrong internal call", status_usage);
  Run run;
  run.binds = std::string_view(arguments[0]) == "bind";
  const int destinations = std::atoi(arguments[1]);
  const auto port = static_cast<uint16_t>(std::atoi(arguments[6]));
  for (int i = 0; i < destinations; ++i)
    run.destinations.push_back(endpoint(fmt::format("127.0.0.{}", i + 1), port));
  run.source = endpoint(arguments[5], 0);
  const auto step_size = static_cast<size_t>(std::atoi(arguments[2]));
  const auto limit = static_cast<size_t>(std::atoi(arguments[3]));
  const Deadline deadline(std::atof(arguments[4]));
  pin_to(quiet_cpu());

  std::vector<double> times;
  size_t held = 0;
  int error = 0;
  while (held < limit && !deadline.passed()) {
    const double time = run.connect_once(run.destinations[held % run.destinations.size()]);
    if (time < 0) {
      error = errno;
      break;
    }
    ++held;
    times.push_back(time);
    if (times.size() == step_size) {
      write_step({static_cast<double>(held), median(times), 0});
      times.clear();
    }
  }
  if (error == 0) error = held < limit ? ETIME : 0;
  write_step({static_cast<double>(held), times.empty() ? 0 : median(times), error});
  return status_done;
}

}  // namespace clusterbind::bench
