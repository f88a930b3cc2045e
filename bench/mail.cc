// mail: messages per second from Postfix's smtp-source to its smtp-sink.
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "bench/clock.h"
#include "bench/connection.h"
#include "bench/failure.h"
#include "bench/kernel_rules.h"
#include "bench/network.h"
#include "bench/parts.h"
#include "bench/process.h"
#include "bench/report.h"
#include "bench/ruletexts.h"
#include "bench/statistics.h"
#include "bench/svg.h"

namespace clusterbind::bench {
namespace {

constexpr const char* address = "127.0.0.1";
constexpr const char* source = "127.0.0.25";

// A port that is free now. smtp-sink is then started on it.
uint16_t free_port() {
  return port_of(listen_at(0, 1).get());
}

bool answers(uint16_t port) {
  const Endpoint sink = endpoint(address, port);
  const Descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(fd.get(), sink.address(), sink.length) == 0;
}

Process start_sink(uint16_t port) {
  Command command;
  command.arguments = {need_program("smtp-sink", "postfix")};
  if (geteuid() == 0) command.arguments.insert(command.arguments.end(), {"-u", "nobody"});
  command.arguments.insert(command.arguments.end(), {fmt::format("{}:{}", address, port), "1000"});
  Process sink = start(command);
  const Deadline deadline(10);
  while (!answers(port)) {
    end_if_interrupted();
    if (deadline.passed() || !sink.running()) throw Failure("smtp-sink does not listen");
    poll(nullptr, 0, 10);
  }
  return sink;
}

double messages_per_second(Command command, unsigned messages) {
  const int64_t begin = now_ns();
  const Outcome outcome = run(std::move(command), 120);
  if (outcome.status != 0) throw Failure("smtp-source failed: " + outcome.output);
  return messages / (static_cast<double>(now_ns() - begin) / 1e9);
}

// The condition under which smtp-source is started.
struct Kind {
  std::string name;
  Command command;
  std::vector<double> rates{};  // messages per second, in each round
};

// In the order of the table. The last one is measured only if the kernel allows it.
enum Kinds : size_t { plain, plain_again, library, attach };

class Run {
 public:
  explicit Run(const Options& options)
      : options_(options), messages_(options.smoke ? 20 : 250), sink_port_(free_port()) {
    const std::string smtp_source = need_program("smtp-source", "postfix");
    sink_ = start_sink(sink_port_);
    Command command;
    // Four parallel sessions; each message has its own connection.
    command.arguments = {smtp_source,
                         "-s",
                         "4",
                         "-l",
                         "4096",
                         "-m",
                         std::to_string(messages_),
                         "-f",
                         "sender@example.org",
                         "-t",
                         "recipient@example.net",
                         fmt::format("{}:{}", address, sink_port_)};
    // A process that joins a control group waits for it, some milliseconds: here each of them does.
    try_to_make(group_);
    if (group_) command.cgroup = group_->folder();
    kinds_ = {{"plain", command}, {"plain again", command}};
    const std::string rules = mail_rules(source, "127.0.0.0/8", sink_port_);
    command.environment = preloaded(find_library(options.library), rules);
    kinds_.push_back({"library", command});
    command.environment.clear();
    try {
      kernel_rules_ = std::make_unique<KernelRules>(rules);
      command.cgroup = kernel_rules_->folder();
      kinds_.push_back({"attach", command});
    } catch (const Failure& failure) {
      end_if_interrupted();
      remark_ = fmt::format("attach: not measured: {}\n", failure.what());
    }
  }

  void measure(double seconds, double confidence) {
    const Deadline deadline(seconds);
    const unsigned most = options_.batches_or(1'000'000, 3);
    const auto count = static_cast<unsigned>(kinds_.size());
    Looks looks;
    for (unsigned round = 0; round < most && (round == 0 || !deadline.passed()); ++round) {
      for (unsigned slot = 0; slot < count; ++slot) {
        Kind& kind = kinds_[place_in_round(slot, round, count)];
        kind.rates.push_back(messages_per_second(kind.command, messages_));
      }
      if (looks.due(round + 1) && looks.settled(all_narrow(confidence)) && options_.batches == 0)
        break;
    }
  }

  int report(const Report& report) const {
    const Interval with_library = ratio(library, 0.99);
    fmt::print(
        "smtp-source sends {:.0f} messages per second to smtp-sink, and {} % of that with the "
        "library, with 99 % confidence.\n\n",
        mean(kinds_[plain].rates), range_text(with_library.times(100)));
    fmt::print("{:<12} {:>10}  of plain, in % (95 % confidence)\n", "", "messages/s");
    for (size_t kind = 0; kind < kinds_.size(); ++kind)
      fmt::print("{:<12} {:>10.0f}  {}\n", kinds_[kind].name, mean(kinds_[kind].rates),
                 kind == plain ? "" : range_text(ratio(kind, 0.95).times(100)));
    fmt::print("{}", remark_);
    return report.finish(
        judge_all(report.confidence()),
        [this](tool::Json& json) {
          json.array("rows");
          for (size_t kind = 0; kind < kinds_.size(); ++kind) {
            json.object();
            json.add("name", kinds_[kind].name);
            json.add("rounds", kinds_[kind].rates.size());
            json.add("per_second", mean(kinds_[kind].rates));
            if (kind != plain) write_interval(json, "of_plain", ratio(kind, 0.95));
            json.end();
          }
          json.end();
        },
        [this](const std::string& machine) { return plot(machine); });
  }

 private:
  // The ratio of the sums. The mean of the ratios would be a little higher.
  Interval ratio(size_t kind, double confidence) const {
    const Interval more =
        mean_interval(differences(kinds_[kind].rates, kinds_[plain].rates), confidence)
            .times(1 / mean(kinds_[plain].rates));
    return {1 + more.estimate, 1 + more.low, 1 + more.high};
  }

  std::vector<Judged> judge_all(double confidence) const {
    std::vector<Judged> result = {judged(bounds::mail, ratio(library, confidence))};
    if (kinds_.size() > attach)
      result.push_back(judged(bounds::attach_mail, ratio(attach, confidence)));
    return result;
  }

  bool all_narrow(double confidence) const {
    const std::vector<Judged> verdicts = judge_all(confidence);
    return std::none_of(verdicts.begin(), verdicts.end(),
                        [](const Judged& one) { return one.cut_off; });
  }

  std::string plot(const std::string& machine) const {
    std::vector<Bar> bars;
    for (size_t kind = library; kind < kinds_.size(); ++kind) {
      const Interval more =
          mean_interval(differences(kinds_[kind].rates, kinds_[plain].rates), 0.95);
      const Interval control =
          mean_interval(differences(kinds_[plain_again].rates, kinds_[plain].rates), 0.95);
      bars.push_back({kinds_[kind].name, "", more, control, difference_text(more, 0)});
    }
    return bars_svg({"Mail: smtp-source to smtp-sink, one connection for each message", machine},
                    fmt::format("messages per second more than the {:.0f} of plain, with 95 % "
                                "interval (grey: the same measured twice)",
                                mean(kinds_[plain].rates)),
                    bars);
  }

  const Options& options_;
  unsigned messages_;
  uint16_t sink_port_;
  Process sink_;
  std::optional<ControlGroup> group_;  // of the kinds without rules in the kernel
  std::unique_ptr<KernelRules> kernel_rules_;
  std::vector<Kind> kinds_;
  std::string remark_;
};

}  // namespace

int run_mail(const Options& options) {
  const double seconds = options.seconds_or(90);
  const Report report(options, "mail", seconds);
  Run run(options);
  run.measure(seconds, report.confidence());
  return run.report(report);
}

}  // namespace clusterbind::bench
