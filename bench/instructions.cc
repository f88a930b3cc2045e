// instructions: how many instructions the library executes per call. valgrind counts them, so the
// figures are the same in every run.
#include <fmt/format.h>

#include <vector>

#include "bench/failure.h"
#include "bench/network.h"
#include "bench/parts.h"
#include "bench/report.h"
#include "bench/ruletexts.h"
#include "bench/worker.h"

namespace clusterbind::bench {
namespace {

constexpr const char* destination = "127.0.0.1";
constexpr const char* source = "127.0.0.25";

uint64_t collected(const std::string& output) {
  constexpr std::string_view word = "Collected : ";
  const size_t at = output.find(word);
  if (at == std::string::npos) throw Failure("valgrind counted nothing:\n" + output);
  return std::stoull(output.substr(at + word.size()));
}

class Counter {
 public:
  explicit Counter(const Options& options)
      : valgrind_(need_program("valgrind", "valgrind")),
        library_(find_library(options.library)),
        few_(options.smoke ? 20 : 100),
        many_(few_ * 10),
        listener_(listen_at(0, 128)) {}

  uint16_t port() const { return port_of(listener_.get()); }

  /// Instructions per call of `way`, from runs with few and with many calls, so that the start of
  /// the process does not count.
  double slope(Way way, const std::string& rules) const {
    Job job;
    job.destination = destination;
    job.port = port();
    job.source = source;
    job.listener = listener_.get();
    job.where.environment = preloaded(library_, rules);
    const uint64_t few = count(count_command(way, few_, job));
    const uint64_t many = count(count_command(way, many_, job));
    return static_cast<double>(many - few) / (many_ - few_);
  }

 private:
  uint64_t count(Command command) const {
    const std::vector<std::string> front = {valgrind_, "--tool=callgrind",
                                            "--callgrind-out-file=/dev/null"};
    command.arguments.insert(command.arguments.begin(), front.begin(), front.end());
    const Outcome outcome = run(command, 120);
    if (outcome.status != 0) throw Failure("valgrind failed:\n" + outcome.output);
    return collected(outcome.output);
  }

  std::string valgrind_;
  std::string library_;
  unsigned few_;
  unsigned many_;
  Descriptor listener_;
};

}  // namespace

int run_instructions(const Options& options) {
  const Report report(options, "instructions", 20);
  const Counter counter(options);
  const std::string hit = mail_rules(source, "127.0.0.0/8", counter.port());
  const std::string miss = other_port_rules(source, "127.0.0.0/8", counter.port());
  const double missed = (counter.slope(Way::interposed_bad_descriptor, miss) -
                         counter.slope(Way::libc_bad_descriptor, miss)) /
                        calls_at_once;
  const double by_hand = counter.slope(Way::app_same, hit);
  const double plain = counter.slope(Way::libc, hit);
  const double matched = counter.slope(Way::interposed, hit);
  fmt::print(
      "The library executes {:.0f} instructions where no rule matches, and where one does {:.0f}, "
      "besides the system calls ({:.0f} more than the same calls by hand).\n",
      missed, matched - plain, matched - by_hand);
  return report.finish({judged(bounds::miss_instructions, exactly(missed)),
                        judged(bounds::hit_instructions, exactly(matched - by_hand))},
                       [&](tool::Json& json) {
                         json.add("miss_over_plain", missed);
                         json.add("hit_over_app_same", matched - by_hand);
                         json.add("hit_over_plain", matched - plain);
                       },
                       {});
}

}  // namespace clusterbind::bench
