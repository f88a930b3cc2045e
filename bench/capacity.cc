// capacity: how many connections one source address can have, and how long the next one takes.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <optional>
#include <system_error>

#include "bench/capacity_worker.h"
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

constexpr const char* source = "127.0.0.25";

// The port range of runs that would otherwise take minutes: with all ephemeral ports, the kernel's
// own search for a free one is that slow.
constexpr const char* few_ports = "32768 36863";

struct Mode {
  const char* name;
  const char* way;    // MODE of capacity_worker
  const char* rules;  // put before the bind rules; nullptr: no library
  unsigned destinations;
  bool all_ports = true;   // false: few ports, in a network namespace of our own
  bool in_kernel = false;  // the rules are in the kernel
  unsigned runs = 1;       // a step of a fast curve is shorter than typical disturbances

  std::string label() const { return fmt::format("{}, {} dest.", name, destinations); }
};

constexpr unsigned spread_runs = 15;
constexpr Mode modes[] = {
    {"plain", "plain", nullptr, 1},
    {"bind without NO_PORT", "bind", nullptr, 1},
    {"library", "plain", "", 1},
    {"library, ports spread", "plain", "ports spread; ", 1, true, false, spread_runs},
    {"attach", "plain", nullptr, 1, true, true},
    {"plain", "plain", nullptr, 4, false},
    {"bind without NO_PORT", "bind", nullptr, 4, false},
    {"library", "plain", "", 4, false},
    {"library, ports spread", "plain", "ports spread; ", 4, true, false, spread_runs},
    {"attach", "plain", nullptr, 4, false, true},
};
constexpr size_t spread_to_1 = 3, spread_to_4 = 8;

// One run of a mode.
struct Curve {
  std::vector<Step> steps;
  double held = 0;
  int error = 0;

  /// The median of the first steps, which are 1 % of the ports each.
  double idle_us() const {
    std::vector<double> first;
    for (size_t i = 0; i < std::min<size_t>(steps.size(), 5); ++i)
      first.push_back(steps[i].median_us);
    return median(first);
  }

  /// The slowest step up to this number of connections. A disturbance of a single step is left out,
  /// because each step counts as the median of itself and its two neighbours.
  double slowest_us(double connections) const {
    double slowest = 0;
    for (size_t i = 0; i < steps.size() && steps[i].held <= connections; ++i) {
      const bool inside = i > 0 && i + 1 < steps.size() && steps[i + 1].held <= connections;
      const double here = steps[i].median_us;
      slowest = std::max(
          slowest, inside ? median({steps[i - 1].median_us, here, steps[i + 1].median_us}) : here);
    }
    return slowest;
  }

  std::string end() const {
    if (error == 0) return "as many as asked for";
    if (error == ETIME) return "stopped: out of time";
    return std::generic_category().message(error);
  }
};

// All runs of a mode.
struct Result {
  const Mode* mode = nullptr;
  unsigned ports = 0;
  std::vector<Curve> curves;

  double most() const { return static_cast<double>(ports) * mode->destinations; }
  const Curve& least() const {
    return *std::min_element(curves.begin(), curves.end(),
                             [](const Curve& a, const Curve& b) { return a.held < b.held; });
  }
  double median_of(const std::function<double(const Curve&)>& what) const {
    std::vector<double> values;
    for (const Curve& curve : curves) values.push_back(what(curve));
    return median(values);
  }
  double idle_us() const {
    return median_of([](const Curve& curve) { return curve.idle_us(); });
  }
  double slowest_us(double part) const {
    return median_of([&](const Curve& curve) { return curve.slowest_us(most() * part); });
  }
  bool out_of_time() const { return least().error == ETIME; }
  /// The share of the ports that was held. If the run was out of time, the upper end is open.
  Interval held_part() const {
    const double part = least().held / most();
    return {part, part, out_of_time() ? std::max(part, 1.0) : part};
  }
  /// The ratio of the slowest step, up to 99 % of the ports, to the first steps.
  Interval slowdown(double confidence) const {
    std::vector<double> each;
    if (out_of_time()) return mean_interval(each, confidence);  // an infinite interval
    for (const Curve& curve : curves)
      each.push_back(curve.slowest_us(most() * 0.99) / curve.idle_us());
    return mean_interval(each, confidence);
  }
};

class Experiment {
 public:
  explicit Experiment(const Options& options) : options_(options) {
    library_ = find_library(options.library);
    if (!Network::allowed()) return;
    network_ = Network::make();
    network_->set("core/somaxconn", "4096");
    few_ports_network_ = Network::make();
    few_ports_network_->set("core/somaxconn", "4096");
    few_ports_network_->set("ipv4/ip_local_port_range", few_ports);
  }

  bool own_network() const { return network_.has_value(); }

  Result measure(const Mode& mode) {
    Result result{&mode, ports_of(mode), {}};
    for (unsigned i = 0; i < (options_.smoke ? 1 : mode.runs); ++i)
      result.curves.push_back(run(mode, result.ports));
    return result;
  }

 private:
  Curve run(const Mode& mode, unsigned ports) {
    Descriptor listener;
    {
      const VisitNetwork visit(network_of(mode));
      listener = listen_at(0, 4096);
    }
    const uint16_t port = port_of(listener.get());
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw system_failure("pipe2");
    const Descriptor reading(ends[0]);
    Descriptor writing(ends[1]);

    const unsigned most = ports * mode.destinations;
    Command command;
    command.arguments = {own_path(),
                         capacity_word,
                         mode.way,
                         std::to_string(mode.destinations),
                         std::to_string(options_.smoke ? 20 : most / 100),
                         std::to_string(options_.smoke ? 100 : most + 1),
                         std::to_string(options_.seconds > 0 ? options_.seconds : 300),
                         source,
                         std::to_string(port)};
    const std::string rules = mail_rules(source, "127.0.0.0/8", port);
    if (mode.rules != nullptr) command.environment = preloaded(library_, mode.rules + rules);
    std::optional<KernelRules> kernel_rules;
    if (mode.in_kernel) command.cgroup = kernel_rules.emplace(rules).folder();
    command.network = network_of(mode);
    command.output = writing.get();
    command.passed = listener.get();
    Process process = start(command);
    writing.reset();
    Curve curve = read_curve(reading.get());
    if (process.wait() != 0) throw Failure("the measuring process failed");
    return curve;
  }

  bool has_all_ports(const Mode& mode) const { return mode.all_ports && !options_.quick; }

  const Network* network_of(const Mode& mode) const {
    const std::optional<Network>& network = has_all_ports(mode) ? network_ : few_ports_network_;
    return network ? &*network : nullptr;
  }

  unsigned ports_of(const Mode& mode) const {
    const VisitNetwork visit(network_of(mode));
    return ephemeral_ports().count();
  }

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
  std::optional<Network> network_, few_ports_network_;
};

void print(const Result& result) {
  const Curve& least = result.least();
  fmt::print("{:<22} {:>5} {:>7} {:>8.0f} {:>8.1f} {:>9.3g} {:>9.3g}  {}\n", result.mode->name,
             result.mode->destinations, result.ports, least.held, result.idle_us(),
             result.slowest_us(0.5), result.slowest_us(0.99), least.end());
}

void write(tool::Json& json, const std::vector<Result>& results) {
  json.array("curves");
  for (const Result& result : results) {
    json.object();
    json.add("mode", result.mode->name);
    json.add("destinations", result.mode->destinations);
    json.add("ports", result.ports);
    json.add("held", result.least().held);
    json.add("end", result.least().end());
    json.add("runs", result.curves.size());
    json.add("idle_us", result.idle_us());
    json.add("slowest_to_50_us", result.slowest_us(0.5));
    json.add("slowest_to_99_us", result.slowest_us(0.99));
    json.array("steps");
    for (const Step& step : result.least().steps) {
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

// Each step; its interval is from the lowest to the highest value of all runs.
std::string plot(const std::vector<Result>& results, const std::string& machine) {
  std::vector<Series> series;
  for (const Result& result : results) {
    if (!result.mode->all_ports) continue;
    Series line{result.mode->label(), {}};
    for (size_t i = 0; i < result.least().steps.size(); ++i) {
      std::vector<double> medians;
      for (const Curve& curve : result.curves) medians.push_back(curve.steps[i].median_us);
      line.points.push_back({result.least().steps[i].held,
                             {median(medians), quantile(medians, 0), quantile(medians, 1)}});
    }
    series.push_back(std::move(line));
  }
  return lines_svg(
      {"Connect time against connections held from one source address", machine},
      {"connections held", false},
      {"µs per connect: median of a step, of several runs with the least and the most", true},
      series);
}

}  // namespace

int run_capacity(const Options& options) {
  const Report report(options, "capacity", options.quick ? 60 : 300);
  Experiment experiment(options);
  std::vector<Result> results;
  std::string remarks;
  const auto first = std::begin(modes);
  for (const Mode& mode : modes) {
    if (!mode.all_ports && !experiment.own_network()) continue;
    try {
      results.push_back(experiment.measure(mode));
    } catch (const Failure& failure) {
      end_if_interrupted();
      if (!mode.in_kernel) throw;
      remarks += fmt::format("{}: not measured: {}\n", mode.label(), failure.what());
    }
  }
  const auto result_of = [&](size_t mode) -> const Result& {
    return *std::find_if(results.begin(), results.end(),
                         [&](const Result& one) { return one.mode == first + mode; });
  };
  const Result& to_1 = result_of(spread_to_1);
  const Result& to_4 = result_of(spread_to_4);
  fmt::print(
      "With `ports spread` one source address holds {:.0f} connections to 4 destinations, and up "
      "to "
      "99 % of the ports a connect takes at most {:.1f} times its idle time.\n\n",
      to_4.least().held, std::max(to_1.slowdown(0.99).estimate, to_4.slowdown(0.99).estimate));
  if (!experiment.own_network())
    fmt::print("Without root this uses the host's own loopback and its ports.\n");
  fmt::print("{:<22} {:>5} {:>7} {:>8} {:>8} {:>9} {:>9}\n", "", "dest.", "ports", "held", "idle",
             "to 50 %", "to 99 %");
  for (const Result& result : results) print(result);
  fmt::print("µs per connect: median of the slowest step; ports spread: medians of {} runs\n{}",
             to_1.curves.size(), remarks);
  std::vector<Judged> verdicts;
  if (!options.smoke)
    verdicts = {judged(bounds::held, to_4.held_part()),
                judged(bounds::spread_1, to_1.slowdown(report.confidence())),
                judged(bounds::spread_4, to_4.slowdown(report.confidence()))};
  return report.finish(
      verdicts, [&](tool::Json& json) { write(json, results); },
      [&](const std::string& machine) { return plot(results, machine); });
}

}  // namespace clusterbind::bench
