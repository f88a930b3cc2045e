// start: the time that the library adds to the start of a process. MTAs start processes all the
// time.
#include <fmt/format.h>
#include <gnu/lib-names.h>
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

namespace clusterbind::bench {
namespace {

constexpr unsigned rounds_of_batch = 5;  // their median counts

enum Rows : int { none, none_again, empty, empty_again, few, ten, thousand, libstdcxx, in_kernel };

class Run {
 public:
  explicit Run(const Options& options) : options_(options) {
    table_.title = "/bin/true";
    table_.unit = "µs";
    table_.baseline_name = "no preload";
    table_.floor_name = "an empty preload";
    const std::string library = find_library(options.library);
    const auto with_rules = [&](unsigned rules) {
      return preload_with_file(
          library, folder_.file(std::to_string(rules), many_rules(Mix::prefixes, rules)));
    };
    // Since glibc 2.34 this library is empty.
    const std::vector<std::string> nothing = {"LD_PRELOAD=" LIBDL_SO};
    // Some of the processes must start in a control group of ours, and that makes the start slower.
    // So all of them do.
    try_to_make(group_);
    // Without /etc/clusterbind.conf there are no rules, and the library does nothing.
    const bool inert = access("/etc/clusterbind.conf", F_OK) != 0;
    add({"no preload", ""}, {});
    add({"no preload again", "", none, -1, -1, -1, true}, {});
    add({"empty preload", LIBDL_SO ", the least that any preload costs", none, -1, none_again},
        nothing);
    add({"empty preload again", "", none, empty, -1, -1, true}, nothing);
    add({inert ? "0 rules" : "1 rule", "library", none, empty, none_again, empty_again},
        inert ? std::vector<std::string>{"LD_PRELOAD=" + library}
              : preload_with_file(library, folder_.file("one", "direct\n")));
    add({"10 rules", "library", none, empty, none_again, empty_again}, with_rules(10));
    add({"1,000 rules", "library", none, empty, none_again, empty_again}, with_rules(1000));
    add({"libstdc++.so.6", "a preload written in C++ without care", none, empty, none_again,
         empty_again},
        {"LD_PRELOAD=libstdc++.so.6"});
    try {
      kernel_rules_ = std::make_unique<KernelRules>(many_rules(Mix::prefixes, 1000));
      add({"attach, 1,000 rules", "in the kernel: nothing is loaded into the process", none, -1,
           none_again},
          {}, kernel_rules_->folder());
    } catch (const Failure& failure) {
      end_if_interrupted();
      table_.remarks.push_back(fmt::format("attach: not measured: {}", failure.what()));
    }
  }

  void measure(double seconds, double confidence) {
    pin_to(quiet_cpu());
    const Deadline deadline(seconds);
    const unsigned most = options_.batches_or(1'000'000, 3);
    Looks looks;
    for (unsigned batch = 0; batch < most && (batch == 0 || !deadline.passed()); ++batch) {
      measure_batch(batch);
      if (looks.due(batch + 1) && looks.settled(all_narrow(confidence)) && options_.batches == 0)
        break;
    }
  }

  int report(const Report& report) const {
    const std::vector<Judged> verdicts = judge_all(report.confidence());
    fmt::print(
        "The library adds {} µs of processor time to the start and end of a process with 10 rules, "
        "and {} µs with 1,000, with 99 % confidence.\n\n",
        range_text(table_.difference(ten, none, 0.99)),
        range_text(table_.difference(thousand, none, 0.99)));
    report.print(table_);
    return report.finish(
        verdicts, [this](tool::Json& json) { write_table(json, table_); },
        [this](const std::string& machine) {
          return plot_table(table_, "What the start and end of /bin/true take more", machine);
        });
  }

 private:
  void add(Row row, std::vector<std::string> variables, std::string group = {}) {
    starters_.emplace_back(need_program("true", "coreutils"), std::move(variables),
                           !group.empty() ? std::move(group)
                           : group_       ? group_->folder()
                                          : "");
    table_.rows.push_back(std::move(row));
  }

  void measure_batch(unsigned batch) {
    const auto count = static_cast<unsigned>(starters_.size());
    std::vector<std::vector<double>> times(count);
    for (unsigned round = 0; round < rounds_of_batch; ++round)
      for (unsigned slot = 0; slot < count; ++slot) {
        end_if_interrupted();
        const unsigned place = place_in_round(slot, batch * rounds_of_batch + round, count);
        times[place].push_back(starters_[place].start().processor_us);
      }
    for (unsigned place = 0; place < count; ++place) {
      Row& row = table_.rows[place];
      row.samples.insert(row.samples.end(), times[place].begin(), times[place].end());
      row.batches.push_back(median(times[place]));
    }
  }

  std::vector<Judged> judge_all(double confidence) const {
    return {judged(bounds::start_10, table_.difference(ten, empty, confidence)),
            judged(bounds::start_1000, table_.difference(thousand, empty, confidence))};
  }

  bool all_narrow(double confidence) const {
    const std::vector<Judged> verdicts = judge_all(confidence);
    return !verdicts[0].cut_off && !verdicts[1].cut_off;
  }

  const Options& options_;
  RuleFolder folder_;
  std::optional<ControlGroup> group_;
  std::unique_ptr<KernelRules> kernel_rules_;
  Table table_;
  std::vector<Starter> starters_;
};

}  // namespace

int run_start(const Options& options) {
  const double seconds = options.seconds_or(45);
  const Report report(options, "start", seconds);
  Run run(options);
  run.measure(seconds, report.confidence());
  return run.report(report);
}

}  // namespace clusterbind::bench
