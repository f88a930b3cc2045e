// capacity: how many connections one source address holds, and what the next one costs.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

#include "bench/bounds.h"
#include "bench/capacity_worker.h"
#include "bench/failure.h"
#include "bench/machine.h"
#include "bench/network.h"
#include "bench/parts.h"
#include "bench/process.h"
#include "bench/report.h"
#include "bench/ruletexts.h"
#include "bench/statistics.h"
#include "bench/svg.h"

namespace clusterbind::bench {
namespace {

constexpr const char* source = "127.0.0.25";

struct Mode {
  const char* name;
  const char* way;    // of capacity_worker
  const char* rules;  // put before the bind rules; nullptr: no library
  unsigned runs;      // a step of a quick curve is shorter than what disturbs it
};

constexpr Mode modes[] = {
    {"plain", "plain", nullptr, 1},
    {"bind without NO_PORT", "bind", nullptr, 1},
    {"library", "plain", "", 1},
    {"library, ports spread", "plain", "ports spread; ", 5},
};
constexpr size_t spread_mode = 3;

struct Curve {
  const Mode* mode = nullptr;
  unsigned destinations = 0;
  std::vector<Step> steps;
  double held = 0;
  int error = 0;

  /// The median of the first steps, of 1 % each.
  double idle_us() const {
    std::vector<double> first;
    for (size_t i = 0; i < std::min<size_t>(steps.size(), 5); ++i)
      first.push_back(steps[i].median_us);
    return median(first);
  }

  /// The slowest step up to this part of `ports`.
  double slowest_us(double ports) const {
    double slowest = 0;
    for (const Step& step : steps)
      if (step.held <= ports) slowest = std::max(slowest, step.median_us);
    return slowest;
  }

  std::string end() const {
    if (error == 0) return "as many as asked for";
    if (error == ETIME) return "stopped: out of time";
    return std::generic_category().message(error);
  }

  std::string label() const { return fmt::format("{}, {} dest.", mode->name, destinations); }
};

class Experiment {
 public:
  explicit Experiment(const Options& options) : options_(options) {
    library_ = find_library(options.library);
    if (Network::allowed()) {
      network_ = Network::make();
      network_->set("core/somaxconn", "4096");
    }
    const VisitNetwork visit(network());
    ports_ = ephemeral_ports();
  }

  bool own_network() const { return network_.has_value(); }
  unsigned ports() const { return ports_.count(); }
  unsigned runs(const Mode& mode) const { return options_.smoke ? 1 : mode.runs; }

  /// Each step is the median of that step in all runs; of the numbers held the least counts.
  Curve measure(const Mode& mode, unsigned destinations) {
    std::vector<Curve> curves;
    for (unsigned i = 0; i < runs(mode); ++i) curves.push_back(run(mode, destinations));
    // It has no more steps than the others.
    Curve result =
        *std::min_element(curves.begin(), curves.end(),
                          [](const Curve& a, const Curve& b) { return a.held < b.held; });
    for (size_t i = 0; i < result.steps.size(); ++i) {
      std::vector<double> medians;
      for (const Curve& curve : curves) medians.push_back(curve.steps[i].median_us);
      result.steps[i].median_us = median(medians);
    }
    return result;
  }

 private:
  Curve run(const Mode& mode, unsigned destinations) {
    Descriptor listener;
    {
      const VisitNetwork visit(network());
      listener = listen_at(0, 4096);
    }
    const uint16_t port = port_of(listener.get());
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw system_failure("pipe2");
    const Descriptor reading(ends[0]);
    Descriptor writing(ends[1]);

    const unsigned most = ports_.count() * destinations;
    const unsigned limit = options_.smoke ? 100 : most + 1;
    Command command;
    command.arguments = {own_path(),
                         capacity_word,
                         mode.way,
                         std::to_string(destinations),
                         std::to_string(options_.smoke ? 20 : most / 100),
                         std::to_string(limit),
                         std::to_string(options_.seconds_or(300)),
                         source,
                         std::to_string(port)};
    if (mode.rules != nullptr)
      command.environment =
          preloaded(library_, mode.rules + mail_rules(source, "127.0.0.0/8", port));
    command.network = network();
    command.output = writing.get();
    command.passed = listener.get();
    Process process = start(command);
    writing.reset();
    Curve curve = read_curve(reading.get());
    curve.mode = &mode;
    curve.destinations = destinations;
    if (process.wait() != 0) throw Failure("the measuring process failed");
    return curve;
  }

  const Network* network() const { return network_ ? &*network_ : nullptr; }

  static Curve read_curve(int fd) {
    Curve curve;
    Step step;
    for (;;) {
      const ssize_t got = read(fd, &step, sizeof step);
      end_if_interrupted();
      if (got != sizeof step) break;
      curve.held = step.held;
      curve.error = step.error;
      if (step.median_us > 0) curve.steps.push_back(step);
    }
    return curve;
  }

  const Options& options_;
  std::string library_;
  std::optional<Network> network_;
  PortSpan ports_;
};

void print(const Curve& curve, unsigned ports) {
  const double most = ports * curve.destinations;
  fmt::print("{:<24} {:>5} {:>9.0f} {:>10.1f} {:>12.1f} {:>12.1f}  {}\n", curve.mode->name,
             curve.destinations, curve.held, curve.idle_us(), curve.slowest_us(most * 0.5),
             curve.slowest_us(most * bounds::spread_fill), curve.end());
}

void write(tool::Json& json, const std::vector<Curve>& curves, unsigned ports) {
  json.add("ports", ports);
  json.array("curves");
  for (const Curve& curve : curves) {
    json.object();
    json.add("mode", curve.mode->name);
    json.add("destinations", curve.destinations);
    json.add("held", curve.held);
    json.add("end", curve.end());
    json.array("steps");
    for (const Step& step : curve.steps) {
      json.object();
      json.add("held", step.held);
      json.add("median_us", step.median_us);
      json.end();
    }
    json.end();
    json.end();
  }
  json.end();
}

std::string plot(const std::vector<Curve>& curves) {
  std::vector<Series> series;
  for (const Curve& curve : curves) {
    Series line{curve.label(), {}};
    for (const Step& step : curve.steps) line.points.emplace_back(step.held, step.median_us);
    series.push_back(std::move(line));
  }
  return lines_svg(
      {"Connect time against connections held from one source address", Machine::here().line()},
      {"connections held", false}, {"microseconds per connect (median of a step)", true}, series);
}

std::vector<Bound> bounds_of(const std::vector<Curve>& curves, unsigned ports) {
  std::vector<Bound> bounds;
  for (const Curve& curve : curves) {
    const double most = ports * curve.destinations;
    if (curve.mode == &modes[spread_mode]) {
      bounds.push_back({fmt::format("{}: slowest step up to 99 % of the ports", curve.label()),
                        curve.slowest_us(most * bounds::spread_fill) / curve.idle_us(),
                        bounds::spread_slowdown, false, "times idle"});
      if (curve.destinations == bounds::capacity_destinations)
        bounds.push_back({fmt::format("{}: connections held", curve.label()), curve.held, most,
                          true, "connections"});
    }
  }
  return bounds;
}

}  // namespace

int run_capacity(const Options& options) {
  print_head("Connections that one source address holds");
  Experiment experiment(options);
  if (!experiment.own_network())
    fmt::print("Without root this uses the host's own loopback and its ports.\n");
  fmt::print("{} ephemeral ports; times are medians of a step, in microseconds\n",
             experiment.ports());
  fmt::print("with ports spread medians of {} runs\n", experiment.runs(modes[spread_mode]));
  fmt::print("{:<24} {:>5} {:>9} {:>10} {:>12} {:>12}\n", "", "dest.", "held", "idle", "up to 50 %",
             "up to 99 %");
  std::vector<Curve> curves;
  for (const unsigned destinations : {1U, bounds::capacity_destinations})
    for (const Mode& mode : modes) {
      curves.push_back(experiment.measure(mode, destinations));
      print(curves.back(), experiment.ports());
      std::fflush(stdout);
    }
  std::vector<Bound> bounds;
  if (!options.smoke) bounds = bounds_of(curves, experiment.ports());
  return finish(
      options, "capacity", bounds,
      [&](tool::Json& json) { write(json, curves, experiment.ports()); },
      [&] { return plot(curves); });
}

}  // namespace clusterbind::bench
