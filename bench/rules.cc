// rules: the time to load a rule text, and to look up the destination of a connection.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "bench/clock.h"
#include "bench/failure.h"
#include "bench/parts.h"
#include "bench/process.h"
#include "bench/report.h"
#include "bench/ruletexts.h"
#include "bench/statistics.h"
#include "bench/svg.h"
#include "config/compile.h"
#include "config/parse.h"
#include "preload/memory.h"

namespace clusterbind::bench {
namespace {

// A rule text, loaded as by the library, into new pages: their first use is part of the cost.
class Loaded {
 public:
  explicit Loaded(std::string_view text) : most_(at_most(text)), lists_(lists_size(most_)) {
    ParsedRules parsed;
    parsed.rules = lists_.take<Rule>(most_.rules);
    parsed.clauses = lists_.take<Clauses>(most_.rules);
    parsed.destinations = lists_.take<Destination>(most_.destinations);
    parsed.ports = lists_.take<PortRange>(most_.ports);
    parsed.programs = lists_.take<std::string_view>(most_.programs);
    Errors errors;
    parse(text, parsed, errors);
    if (errors.count > 0) throw Failure(fmt::format("our own rules: {}", errors.list[0].message));
    const MemoryNeeded needed = memory_needed(parsed);
    const Pages scratch(needed.scratch);
    table_.emplace(needed.result);
    size_t used = 0;
    ruleset_ = compile(parsed, "clusterbind-bench", table_->all(), scratch.all(), used);
  }

  const Ruleset& ruleset() const { return ruleset_; }

 private:
  static size_t lists_size(const Counts& most) {
    return Pages::padded<Rule>(most.rules) + Pages::padded<Clauses>(most.rules) +
           Pages::padded<Destination>(most.destinations) + Pages::padded<PortRange>(most.ports) +
           Pages::padded<std::string_view>(most.programs);
  }

  Counts most_;
  Pages lists_;
  std::optional<Pages> table_;
  Ruleset ruleset_;
};

struct Question {
  Address address;
  uint16_t port = 0;
};

// One rule text, and its times for each batch.
struct Subject {
  Mix mix;
  unsigned rules = 0;
  std::string text;
  std::vector<Question> questions;
  std::unique_ptr<Loaded> loaded{};
  std::vector<double> load_us{};
  std::vector<double> lookup_ns{};
};

// Loading takes long enough to be interrupted, so the processor time of the process is measured.
int64_t used_ns() {
  return now_ns(CLOCK_THREAD_CPUTIME_ID);
}

double time_load(const std::string& text, unsigned loads) {
  std::vector<double> times;
  while (times.size() < loads) {
    end_if_interrupted();
    const int64_t begin = used_ns();
    const Loaded loaded(text);
    times.push_back(static_cast<double>(used_ns() - begin) / 1000);
  }
  return median(times);
}

// A process that sends mail looks up again and again. So the first round does not count: the load
// before it has filled the caches with other data.
double time_lookup(const Ruleset& ruleset, const std::vector<Question>& questions, Mix mix) {
  constexpr size_t batch = 256;
  constexpr unsigned rounds = 4;
  std::vector<double> times;
  uint64_t matched = 0;
  size_t asked = 0;
  for (unsigned round = 0; round < rounds; ++round)
    for (size_t from = 0; from + batch <= questions.size(); from += batch) {
      const int64_t begin = now_ns();
      for (size_t i = from; i < from + batch; ++i)
        matched +=
            ruleset.lookup(questions[i].address, questions[i].port)[Protocol::tcp] != no_rule;
      asked += batch;
      if (round != 0) times.push_back(static_cast<double>(now_ns() - begin) / batch);
    }
  if (matched != (mix == Mix::no_match ? 0 : asked))
    throw Failure("a lookup gave a wrong answer: report this");
  return median(times);
}

std::vector<Question> asked(Mix mix, unsigned rules, unsigned count) {
  std::vector<Question> result;
  for (const auto& [address, port] : questions(mix, rules, count))
    result.push_back({read_address(address).value(), port});
  return result;
}

class Run {
 public:
  explicit Run(const Options& options) : options_(options) {
    for (const Mix mix : mixes)
      for (unsigned rules = 1; rules <= most_rules; rules *= 10)
        subjects_.push_back(
            {mix, rules, many_rules(mix, rules), asked(mix, rules, options.smoke ? 512 : 16'384)});
    for (Subject& one : subjects_) one.loaded = std::make_unique<Loaded>(one.text);
  }

  void measure(double seconds, double confidence) {
    const Deadline deadline(seconds);
    const unsigned most = options_.batches_or(1'000'000, 3);
    Looks looks;
    for (unsigned batch = 0; batch < most && (batch < 3 || !deadline.passed()); ++batch) {
      for (Subject& one : subjects_) {
        // Short loads are repeated.
        one.load_us.push_back(time_load(one.text, one.rules <= 1000 ? 5 : 1));
        one.lookup_ns.push_back(time_lookup(one.loaded->ruleset(), one.questions, one.mix));
      }
      if (looks.due(batch + 1) && looks.settled(all_narrow(confidence)) && options_.batches == 0)
        break;
    }
  }

  int report(const Report& report) const {
    const auto at_most = [this](unsigned rules, std::vector<double> Subject::*what) {
      return slowest(rules, what, 0.99).high;
    };
    fmt::print(
        "A lookup takes at most {:.0f} ns among 10 rules and at most {:.0f} ns among 100,000, "
        "which "
        "load in at most {:.0f} ms, with 99 % confidence.\n\n",
        at_most(10, &Subject::lookup_ns), at_most(most_rules, &Subject::lookup_ns),
        at_most(most_rules, &Subject::load_us) / 1000);
    fmt::print("{:<20} {:>8} {:>20} {:>20}\n", "", "rules", "load, µs", "lookup, ns");
    for (const Subject& one : subjects_)
      fmt::print("{:<20} {:>8} {:>19} {:>19}\n", name_of(one.mix), one.rules,
                 range_text(mean_interval(one.load_us, 0.95)),
                 range_text(mean_interval(one.lookup_ns, 0.95)));
    fmt::print("with 95 % confidence each; loads in processor time\n");
    return report.finish(
        judge_all(report.confidence()), [this](tool::Json& json) { write(json); },
        [this](const std::string& machine) { return plot(machine); });
  }

 private:
  static constexpr unsigned most_rules = 100'000;

  // The time of the slowest mix, whichever that is: the interval contains it, because the intervals
  // of all mixes hold at once.
  Interval slowest(unsigned rules, std::vector<double> Subject::*what, double confidence) const {
    const double each = 1 - (1 - confidence) / std::size(mixes);
    Interval result;
    for (const Subject& one : subjects_)
      if (one.rules == rules) {
        const Interval own = mean_interval(one.*what, each);
        result = {std::max(result.estimate, own.estimate), std::max(result.low, own.low),
                  std::max(result.high, own.high)};
      }
    return result;
  }

  std::vector<Judged> judge_all(double confidence) const {
    const auto judge = [&](const Bound& bound, unsigned rules, std::vector<double> Subject::*what,
                           double factor) {
      return judged(bound, slowest(rules, what, confidence).times(factor));
    };
    return {judge(bounds::lookup_10, 10, &Subject::lookup_ns, 1),
            judge(bounds::lookup_100000, most_rules, &Subject::lookup_ns, 1),
            judge(bounds::load_10, 10, &Subject::load_us, 1),
            judge(bounds::load_100000, most_rules, &Subject::load_us, 1e-3)};
  }

  bool all_narrow(double confidence) const {
    const std::vector<Judged> verdicts = judge_all(confidence);
    return std::none_of(verdicts.begin(), verdicts.end(),
                        [](const Judged& one) { return one.cut_off; });
  }

  void write(tool::Json& json) const {
    json.array("figures");
    for (const Subject& one : subjects_) {
      json.object();
      json.add("mix", name_of(one.mix));
      json.add("rules", one.rules);
      write_interval(json, "load_us", mean_interval(one.load_us, 0.95));
      write_interval(json, "lookup_ns", mean_interval(one.lookup_ns, 0.95));
      json.end();
    }
    json.end();
  }

  std::string plot(const std::string& machine) const {
    std::vector<Series> series;
    for (const Mix mix : mixes) {
      Series line{name_of(mix), {}};
      for (const Subject& one : subjects_)
        if (one.mix == mix)
          line.points.push_back(
              {static_cast<double>(one.rules), mean_interval(one.lookup_ns, 0.95)});
      series.push_back(std::move(line));
    }
    return lines_svg({"Lookup of a destination among many rules", machine}, {"rules", true},
                     {"ns per lookup, destinations in random order", false}, series);
  }

  const Options& options_;
  std::vector<Subject> subjects_;
};

}  // namespace

int run_rules(const Options& options) {
  const double seconds = options.seconds_or(60);
  const Report report(options, "rules", seconds);
  pin_to(quiet_cpu());
  Run run(options);
  run.measure(seconds, report.confidence());
  return run.report(report);
}

}  // namespace clusterbind::bench
