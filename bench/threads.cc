// threads: whether threads that connect at the same time have to wait for each other.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <vector>

#include "bench/clock.h"
#include "bench/failure.h"
#include "bench/kernel_rules.h"
#include "bench/network.h"
#include "bench/parts.h"
#include "bench/report.h"
#include "bench/ruletexts.h"
#include "bench/svg.h"
#include "bench/threads_worker.h"

namespace clusterbind::bench {
namespace {

constexpr unsigned counts[] = {1, 2, 3, 4, 6, 8};
constexpr unsigned window_ms = 20;
constexpr const char* source = "127.0.0.25";

// A way to connect, and its rates in each batch, for each number of threads.
struct Kind {
  const char* name;
  Way way;
  bool in_kernel;  // uses the process whose rules are in the kernel
  std::vector<std::vector<double>> rates = std::vector<std::vector<double>>(std::size(counts));
};

class Run {
 public:
  explicit Run(const Options& options) : options_(options) {
    kinds_ = {{"plain", Way::libc, false},
              {"plain again", Way::libc, false},
              {"by hand", Way::app_same, false},
              {"library", Way::interposed, false}};
    // Both listeners are open at the same time, so their ports differ. The workers then listen on
    // these ports, at addresses of their own.
    uint16_t port = 0, kernel_port = 0;
    {
      const Descriptor one = listen_at(0, 1), other = listen_at(0, 1);
      port = port_of(one.get()), kernel_port = port_of(other.get());
    }
    Command command;
    command.environment =
        preloaded(find_library(options.library), mail_rules(source, "127.0.0.0/8", port));
    library_worker_.emplace(command, port, source);
    command.environment.clear();
    try {
      kernel_rules_ = std::make_unique<KernelRules>(mail_rules(source, "127.0.0.0/8", kernel_port));
      command.cgroup = kernel_rules_->folder();
      kernel_worker_.emplace(command, kernel_port, source);
      kinds_.push_back({"attach", Way::libc, true});
    } catch (const Failure& failure) {
      end_if_interrupted();
      remark_ = fmt::format("attach: not measured: {}\n", failure.what());
    }
  }

  void measure(double seconds) {
    const Deadline deadline(seconds);
    const unsigned most = options_.batches_or(120, 2);
    const auto all = static_cast<unsigned>(kinds_.size());
    for (unsigned batch = 0; batch < most && (batch < 2 || !deadline.passed()); ++batch)
      for (size_t count = 0; count < std::size(counts); ++count)
        for (unsigned slot = 0; slot < all; ++slot) {
          end_if_interrupted();
          Kind& kind = kinds_[place_in_round(slot, batch, all)];
          ThreadsWorker& worker = kind.in_kernel ? *kernel_worker_ : *library_worker_;
          kind.rates[count].push_back(worker.rate(kind.way, counts[count], window_ms));
        }
  }

  int report(const Report& report) const {
    const size_t last = std::size(counts) - 1;
    fmt::print(
        "Of the connections per second of the same calls by hand, 1 thread under the library makes "
        "{} %, and {} threads {} %, with 95 % confidence.\n\n",
        range_text(ratio(kinds_[3], 0, kinds_[2]).times(100)), counts[last],
        range_text(ratio(kinds_[3], last, kinds_[2]).times(100)));
    fmt::print("{:<8} {:>12}   in % of plain (95 % confidence)\n{:<8} {:>12}", "threads",
               "plain, per s", "", "");
    for (size_t kind = 1; kind < kinds_.size(); ++kind) fmt::print(" {:>16}", kinds_[kind].name);
    for (size_t count = 0; count < std::size(counts); ++count) {
      fmt::print("\n{:<8} {:>12.0f}", counts[count], mean(kinds_[0].rates[count]));
      for (size_t kind = 1; kind < kinds_.size(); ++kind)
        fmt::print(" {:>16}", range_text(ratio(kinds_[kind], count, kinds_[0]).times(100)));
    }
    fmt::print("\n{}", remark_);
    return report.finish(
        {}, [this](tool::Json& json) { write(json); },
        [this](const std::string& machine) { return plot(machine); });
  }

 private:
  static Interval ratio(const Kind& kind, size_t count, const Kind& base) {
    const std::vector<double>& usual = base.rates[count];
    const Interval more =
        mean_interval(differences(kind.rates[count], usual), 0.95).times(1 / mean(usual));
    return {1 + more.estimate, 1 + more.low, 1 + more.high};
  }

  void write(tool::Json& json) const {
    json.array("rows");
    for (const Kind& kind : kinds_)
      for (size_t count = 0; count < std::size(counts); ++count) {
        json.object();
        json.add("name", kind.name);
        json.add("threads", counts[count]);
        write_interval(json, "per_second", mean_interval(kind.rates[count], 0.95));
        write_interval(json, "of_plain", ratio(kind, count, kinds_[0]));
        json.end();
      }
    json.end();
  }

  std::string plot(const std::string& machine) const {
    std::vector<Series> series;
    for (const Kind& kind : kinds_) {
      Series line{kind.name, {}};
      for (size_t count = 0; count < std::size(counts); ++count)
        line.points.push_back(
            {static_cast<double>(counts[count]), mean_interval(kind.rates[count], 0.95)});
      series.push_back(std::move(line));
    }
    return lines_svg({"Connections per second of threads that connect at once", machine},
                     {"threads", false}, {"connections per second, with 95 % interval", false},
                     series);
  }

  const Options& options_;
  std::unique_ptr<KernelRules> kernel_rules_;
  std::optional<ThreadsWorker> library_worker_, kernel_worker_;
  std::vector<Kind> kinds_;
  std::string remark_;
};

}  // namespace

int run_threads(const Options& options) {
  const double seconds = options.seconds_or(40);
  const Report report(options, "threads", seconds);
  Run run(options);
  run.measure(seconds);
  return run.report(report);
}

}  // namespace clusterbind::bench
