// processes: how many processes can be started per second, depending on the number of rules.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <vector>

#include "bench/clock.h"
#include "bench/failure.h"
#include "bench/kernel_rules.h"
#include "bench/parts.h"
#include "bench/process.h"
#include "bench/report.h"
#include "bench/ruletexts.h"
#include "bench/starter.h"
#include "bench/svg.h"

namespace clusterbind::bench {
namespace {

constexpr unsigned starts = 3;  // in a batch; their median counts

struct Kind {
  const char* name;
  unsigned rules;
  Starter starter;
  std::vector<double> elapsed_us{};
};

class Run {
 public:
  explicit Run(const Options& options) : options_(options) {
    const std::string library = find_library(options.library);
    const std::string program = need_program("true", "coreutils");
    // Some of the processes must start in a control group of ours, and that makes the start slower.
    // So all of them do.
    try_to_make(group_);
    const std::string group = group_ ? group_->folder() : "";
    kinds_.push_back({"no preload", 1, Starter(program, {}, group)});
    kinds_.push_back({"no preload", 100'000, Starter(program, {}, group)});
    for (unsigned rules = 1; rules <= 100'000; rules *= 10)
      kinds_.push_back(
          {"library", rules,
           Starter(program,
                   preload_with_file(library, folder_.file(std::to_string(rules),
                                                           many_rules(Mix::prefixes, rules))),
                   group)});
    try {
      for (const unsigned rules : {1U, 100'000U}) {
        kernel_rules_.push_back(std::make_unique<KernelRules>(many_rules(Mix::prefixes, rules)));
        kinds_.push_back({"attach", rules, Starter(program, {}, kernel_rules_.back()->folder())});
      }
    } catch (const Failure& failure) {
      end_if_interrupted();
      remark_ = fmt::format("attach: not measured: {}\n", failure.what());
    }
  }

  void measure(double seconds) {
    pin_to(quiet_cpu());
    const Deadline deadline(seconds);
    const unsigned most = options_.batches_or(120, 2);
    const auto count = static_cast<unsigned>(kinds_.size());
    for (unsigned batch = 0; batch < most && (batch < 2 || !deadline.passed()); ++batch)
      for (unsigned slot = 0; slot < count; ++slot) {
        Kind& kind = kinds_[place_in_round(slot, batch, count)];
        std::vector<double> times;
        for (unsigned i = 0; i < starts; ++i) {
          end_if_interrupted();
          times.push_back(kind.starter.start().elapsed_us);
        }
        kind.elapsed_us.push_back(median(times));
      }
  }

  int report(const Report& report) const {
    const auto rate = [this](size_t kind) { return per_second(kinds_[kind]).estimate; };
    fmt::print(
        "One processor starts {:.0f} processes per second, {:.0f} with the library and 1 rule, and "
        "{:.0f} with 100,000.\n\n",
        rate(0), rate(2), rate(7));
    fmt::print("{:<12} {:>8}  processes per second (95 % confidence)\n", "", "rules");
    for (const Kind& kind : kinds_)
      fmt::print("{:<12} {:>8}  {}\n", kind.name, kind.rules, range_text(per_second(kind)));
    fmt::print("{}", remark_);
    return report.finish(
        {}, [this](tool::Json& json) { write(json); },
        [this](const std::string& machine) { return plot(machine); });
  }

 private:
  static Interval per_second(const Kind& kind) {
    const Interval time = mean_interval(kind.elapsed_us, 0.95);
    return {1e6 / time.estimate, 1e6 / time.high, time.low > 0 ? 1e6 / time.low : 1e6};
  }

  void write(tool::Json& json) const {
    json.array("rows");
    for (const Kind& kind : kinds_) {
      json.object();
      json.add("name", kind.name);
      json.add("rules", kind.rules);
      write_interval(json, "per_second", per_second(kind));
      json.end();
    }
    json.end();
  }

  std::string plot(const std::string& machine) const {
    std::vector<Series> series;
    for (const Kind& kind : kinds_) {
      if (series.empty() || series.back().label != kind.name) series.push_back({kind.name, {}});
      series.back().points.push_back({static_cast<double>(kind.rules), per_second(kind)});
    }
    return lines_svg({"Processes started per second on one processor", machine}, {"rules", true},
                     {"starts and ends of /bin/true per second, with 95 % interval", false},
                     series);
  }

  const Options& options_;
  RuleFolder folder_;
  std::optional<ControlGroup> group_;
  std::vector<std::unique_ptr<KernelRules>> kernel_rules_;
  std::vector<Kind> kinds_;
  std::string remark_;
};

}  // namespace

int run_processes(const Options& options) {
  const double seconds = options.seconds_or(40);
  const Report report(options, "processes", seconds);
  Run run(options);
  run.measure(seconds);
  return run.report(report);
}

}  // namespace clusterbind::bench
