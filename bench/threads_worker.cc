#include "bench/threads_worker.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#include "bench/clock.h"
#include "bench/failure.h"
#include "bench/network.h"

namespace clusterbind::bench {
namespace {

constexpr int patience_ms = 60'000;

struct Request {
  Way way = Way::libc;
  unsigned threads = 0;
  unsigned milliseconds = 0;
};

// Each thread has its own listener, so that threads do not wait for each other at its queue.
std::string address_of(unsigned thread) {
  return fmt::format("127.0.1.{}", thread + 1);
}

class Team {
 public:
  Team(uint16_t port, const std::string& source) {
    for (unsigned i = 0; i < most_threads; ++i) {
      listeners_.push_back(listen_at(port, 4096, address_of(i)));
      connectors_.emplace_back(endpoint(address_of(i), port), endpoint(source, 0),
                               listeners_.back().get(), false);
    }
  }

  double rate(const Request& request) const {
    std::atomic<bool> go = false, stop = false;
    std::atomic<uint64_t> all = 0;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < request.threads; ++i)
      threads.emplace_back([&, i] {
        while (!go.load()) std::this_thread::yield();
        uint64_t own = 0;
        for (; !stop.load(std::memory_order_relaxed); ++own) {
          connectors_[i].time(request.way);
          connectors_[i].drain();
        }
        all += own;
      });
    const int64_t begin = now_ns();
    go = true;
    poll(nullptr, 0, static_cast<int>(request.milliseconds));
    stop = true;
    for (std::thread& thread : threads) thread.join();
    return static_cast<double>(all.load()) / (static_cast<double>(now_ns() - begin) / 1e9);
  }

 private:
  std::vector<Descriptor> listeners_;
  std::vector<Connector> connectors_;
};

}  // namespace

ThreadsWorker::ThreadsWorker(Command where, uint16_t port, const std::string& source) {
  where.arguments = {own_path(), threads_word, std::to_string(port), source};
  server_ = start_server(std::move(where));
}

double ThreadsWorker::rate(Way way, unsigned threads, unsigned milliseconds) {
  const Request request{way, threads, milliseconds};
  double result = 0;
  pollfd waiting{server_.replies.get(), POLLIN, 0};
  if (write(server_.requests.get(), &request, sizeof request) != sizeof request ||
      poll(&waiting, 1, patience_ms) <= 0 ||
      read(server_.replies.get(), &result, sizeof result) != sizeof result) {
    end_if_interrupted();
    throw Failure("a measuring process has ended");
  }
  return result;
}

int run_threads_worker(std::span<const char* const> arguments) {
  if (arguments.size() != 2) throw Failure("wrong internal call", status_usage);
  const Team team(static_cast<uint16_t>(std::atoi(arguments[0])), arguments[1]);
  Request request;
  while (read(STDIN_FILENO, &request, sizeof request) == sizeof request) {
    const double rate = team.rate(request);
    if (write(STDOUT_FILENO, &rate, sizeof rate) != sizeof rate) throw system_failure("write");
  }
  return status_done;
}

}  // namespace clusterbind::bench
