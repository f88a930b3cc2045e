// rules: how long a rule text takes to load, and a connection's destination to look up.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "bench/bounds.h"
#include "bench/clock.h"
#include "bench/failure.h"
#include "bench/machine.h"
#include "bench/parts.h"
#include "bench/process.h"
#include "bench/report.h"
#include "bench/ruletexts.h"
#include "bench/statistics.h"
#include "bench/svg.h"
#include "config/parse.h"
#include "config/ruleset.h"
#include "preload/memory.h"

namespace clusterbind::bench {
namespace {

// A rule text as the library loads it: lists and table in fresh pages, whose first use is part of
// the price.
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

struct Figure {
  Mix mix;
  unsigned rules = 0;
  double load_us = 0;
  double lookup_ns = 0;
};

// Loading takes long enough to be interrupted, so it is charged by the processor's time.
int64_t used_ns() {
  return now_ns(CLOCK_THREAD_CPUTIME_ID);
}

double time_load(const std::string& text, unsigned rounds, const Deadline& deadline) {
  std::vector<double> times;
  while (times.size() < rounds && (times.empty() || !deadline.passed())) {
    end_if_interrupted();
    const int64_t begin = used_ns();
    const Loaded loaded(text);
    times.push_back(static_cast<double>(used_ns() - begin) / 1000);
  }
  return median(times);
}

double time_lookup(const Ruleset& ruleset, const std::vector<Question>& questions, Mix mix,
                   unsigned rounds) {
  constexpr size_t batch = 256;
  std::vector<double> times;
  uint64_t matched = 0;
  for (unsigned round = 0; round < rounds; ++round)
    for (size_t from = 0; from + batch <= questions.size(); from += batch) {
      const int64_t begin = now_ns();
      for (size_t i = from; i < from + batch; ++i)
        matched +=
            ruleset.lookup(questions[i].address, questions[i].port)[Protocol::tcp] != no_rule;
      times.push_back(static_cast<double>(now_ns() - begin) / batch);
    }
  const uint64_t expected = mix == Mix::no_match ? 0 : times.size() * batch;
  if (matched != expected) throw Failure("a lookup gave a wrong answer: report this");
  return median(times);
}

std::vector<Question> asked(Mix mix, unsigned rules, unsigned count) {
  std::vector<Question> result;
  for (const auto& [address, port] : questions(mix, rules, count))
    result.push_back({read_address(address).value(), port});
  return result;
}

std::vector<Figure> measure(const Options& options) {
  const unsigned rounds = options.rounds_or(20, 2);
  const Deadline deadline(options.seconds_or(120));
  std::vector<Figure> figures;
  for (const Mix mix : mixes)
    for (unsigned rules = 1; rules <= 100'000; rules *= 10) {
      const std::string text = many_rules(mix, rules);
      const Loaded loaded(text);
      const std::vector<Question> questions = asked(mix, rules, options.smoke ? 512 : 16'384);
      // Short loads need more readings, long ones get fewer.
      const unsigned loads = options.smoke ? 2 : std::clamp(200'000 / rules, 10U, 1000U);
      figures.push_back({mix, rules, time_load(text, loads, deadline),
                         time_lookup(loaded.ruleset(), questions, mix, rounds)});
    }
  return figures;
}

void print(const std::vector<Figure>& figures) {
  fmt::print("{:<20} {:>8} {:>12} {:>12}\n", "", "rules", "load us", "lookup ns");
  for (const Figure& one : figures)
    fmt::print("{:<20} {:>8} {:>12.1f} {:>12.1f}\n", name_of(one.mix), one.rules, one.load_us,
               one.lookup_ns);
}

double worst(const std::vector<Figure>& figures, unsigned rules, double Figure::*what) {
  double result = 0;
  for (const Figure& one : figures)
    if (one.rules == rules) result = std::max(result, one.*what);
  return result;
}

std::vector<Bound> bounds_of(const std::vector<Figure>& figures) {
  return {
      {"lookup among 100,000 rules, slowest mix", worst(figures, 100'000, &Figure::lookup_ns),
       bounds::lookup_100000_ns, false, "ns"},
      {"lookup among 10 rules, slowest mix", worst(figures, 10, &Figure::lookup_ns),
       bounds::lookup_10_ns, false, "ns"},
      {"load 100,000 rules, slowest mix", worst(figures, 100'000, &Figure::load_us) / 1000,
       bounds::load_100000_ms, false, "ms"},
      {"load 10 rules, slowest mix", worst(figures, 10, &Figure::load_us), bounds::load_10_us,
       false, "us"},
  };
}

void write(tool::Json& json, const std::vector<Figure>& figures) {
  json.array("figures");
  for (const Figure& one : figures) {
    json.object();
    json.add("mix", name_of(one.mix));
    json.add("rules", one.rules);
    json.add("load_us", one.load_us);
    json.add("lookup_ns", one.lookup_ns);
    json.end();
  }
  json.end();
}

std::string plot(const std::vector<Figure>& figures) {
  std::vector<Series> series;
  for (const Mix mix : mixes) {
    Series line{name_of(mix), {}};
    for (const Figure& one : figures)
      if (one.mix == mix) line.points.emplace_back(one.rules, one.lookup_ns);
    series.push_back(std::move(line));
  }
  return lines_svg({"Lookup of a destination among many rules", Machine::here().line()},
                   {"rules", true}, {"ns per lookup (median, destinations in random order)", false},
                   series);
}

}  // namespace

int run_rules(const Options& options) {
  print_head("Load and lookup of rules");
  pin_to(quiet_cpu());
  const std::vector<Figure> figures = measure(options);
  print(figures);
  return finish(
      options, "rules", bounds_of(figures), [&](tool::Json& json) { write(json, figures); },
      [&] { return plot(figures); });
}

}  // namespace clusterbind::bench
