#include "bench/worker.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "bench/clock.h"
#include "bench/failure.h"
#include "bench/kernel_rules.h"
#include "bench/statistics.h"

namespace clusterbind::bench {
namespace {

constexpr int passed_listener = 3;
constexpr int patience_s = 60;

struct Request {
  unsigned turn = 0;
  unsigned rounds = 0;
};

using SourceText = std::array<char, 48>;

void send_all(int fd, const void* data, size_t size) {
  const char* from = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent = write(fd, from, size);
    if (sent <= 0) throw system_failure("write to a pipe");
    from += sent;
    size -= static_cast<size_t>(sent);
  }
}

// Reads exactly `size` bytes; returns false at the end of the file.
bool receive_all(int fd, void* data, size_t size) {
  char* to = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = read(fd, to, size);
    if (got <= 0) return false;
    to += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

std::vector<std::string> target_words(const Job& job) {
  return {job.destination, std::to_string(job.port), job.source};
}

Connector connector_of(std::span<const char* const> words, bool has_listener, bool time_wait) {
  const auto port = static_cast<uint16_t>(std::atoi(words[1]));
  return {endpoint(words[0], port), endpoint(words[2], 0), has_listener ? passed_listener : -1,
          time_wait};
}

// What shows the source address of a connection.
const char* witness(const Job& job) {
  if (job.listener < 0) return "no-listener";
  return job.listener_tells ? "listener" : "socket";
}

// The ways that a worker measures, each with its rules in the kernel.
struct Ways {
  std::vector<Way> ways;
  std::vector<std::string> rules;
  std::optional<KernelSwitch> kernel;

  size_t size() const { return ways.size(); }

  double time(const Connector& connector, size_t place) {
    if (!kernel) return connector.time(ways[place]);
    kernel->put(rules[place]);
    connector.time(ways[place]);  // not measured: it would include the effect of the change
    return connector.time(ways[place]);
  }

  std::string seen_source(const Connector& connector, size_t place, bool ask_listener) {
    if (kernel) kernel->put(rules[place]);
    return connector.seen_source(ways[place], ask_listener);
  }

  // Leaves the group without rules, because a worker may be ended at any time, and the next one
  // uses the same group.
  void rest() {
    if (kernel) kernel->put("");
  }
};

// Ways that are compared follow each other within microseconds. The median of the turn removes
// disturbances of single connections.
std::vector<double> do_turn(const Connector& connector, Ways& ways, const Request& request) {
  const auto count = static_cast<unsigned>(ways.size());
  for (unsigned place = 0; place < count; ++place) ways.time(connector, place);  // fills the caches
  std::vector<double> times(size_t{count} * request.rounds);
  for (unsigned round = 0; round < request.rounds; ++round) {
    for (unsigned slot = 0; slot < count; ++slot) {
      const unsigned place = place_in_round(slot, request.turn * request.rounds + round, count);
      times[size_t{place} * request.rounds + round] = ways.time(connector, place);
    }
    connector.drain();
  }
  ways.rest();
  return times;
}

void send_sources(const Connector& connector, Ways& ways, bool ask_listener) {
  for (size_t place = 0; place < ways.size(); ++place) {
    SourceText text{};
    ways.seen_source(connector, place, ask_listener).copy(text.data(), text.size() - 1);
    send_all(STDOUT_FILENO, text.data(), text.size());
  }
  ways.rest();
}

}  // namespace

Worker::Worker(const Job& job) : ways_(job.ways.size()) {
  Command command = job.where;
  std::string ways;
  for (const Way way : job.ways) ways += static_cast<char>('0' + static_cast<int>(way));
  command.arguments = {own_path(), worker_word, ways, witness(job),
                       job.time_wait ? "time-wait" : "linger"};
  for (std::string& word : target_words(job)) command.arguments.push_back(std::move(word));
  if (!job.kernel_rules.empty()) {
    command.arguments.push_back(job.where.cgroup);
    command.arguments.insert(command.arguments.end(), job.kernel_rules.begin(),
                             job.kernel_rules.end());
  }
  command.passed = job.listener;
  server_ = start_server(std::move(command));

  for (size_t i = 0; i < ways_; ++i) {
    SourceText text{};
    receive(text.data(), text.size());
    sources_.emplace_back(text.data());
  }
}

void Worker::receive(void* data, size_t size) {
  pollfd waiting{server_.replies.get(), POLLIN, 0};
  const int ready = poll(&waiting, 1, patience_s * 1000);
  end_if_interrupted();
  if (ready == 0) throw Failure("a measuring process gave no answer: see --delay and --batches");
  if (!receive_all(server_.replies.get(), data, size))
    throw Failure("a measuring process has ended");
}

std::vector<double> Worker::turn(unsigned turn, unsigned rounds) {
  const Request request{turn, rounds};
  send_all(server_.requests.get(), &request, sizeof request);
  std::vector<double> times(ways_ * rounds);
  receive(times.data(), times.size() * sizeof(double));
  return times;
}

int run_worker(std::span<const char* const> arguments) {
  if (arguments.size() < 6) throw Failure("wrong internal call", status_usage);
  Ways ways;
  for (const char* letter = arguments[0]; *letter != '\0'; ++letter)
    ways.ways.push_back(static_cast<Way>(*letter - '0'));
  if (arguments.size() > 6) {
    ways.kernel.emplace(arguments[6]);
    for (const char* const rules : arguments.subspan(7)) ways.rules.emplace_back(rules);
    if (ways.rules.size() != ways.size()) throw Failure("wrong internal call", status_usage);
  }
  const Connector connector =
      connector_of(arguments.subspan(3), std::string_view(arguments[1]) != "no-listener",
                   std::string_view(arguments[2]) == "time-wait");
  pin_to(quiet_cpu());
  send_sources(connector, ways, std::string_view(arguments[1]) == "listener");

  Request request;
  while (receive_all(STDIN_FILENO, &request, sizeof request)) {
    const std::vector<double> times = do_turn(connector, ways, request);
    send_all(STDOUT_FILENO, times.data(), times.size() * sizeof(double));
  }
  return status_done;
}

Command count_command(Way way, unsigned number, const Job& job) {
  Command command = job.where;
  command.arguments = {own_path(), count_word, std::to_string(static_cast<int>(way)),
                       std::to_string(number)};
  for (std::string& word : target_words(job)) command.arguments.push_back(std::move(word));
  command.passed = job.listener;
  return command;
}

int run_count(std::span<const char* const> arguments) {
  if (arguments.size() != 5) throw Failure("wrong internal call", status_usage);
  const auto way = static_cast<Way>(std::atoi(arguments[0]));
  const int number = std::atoi(arguments[1]);
  const Connector connector = connector_of(arguments.subspan(2), true, false);
  for (int i = 0; i < number; ++i) {
    connector.time(way);
    connector.drain();
  }
  return status_done;
}

}  // namespace clusterbind::bench
