#include "bench/machine.h"

#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <limits>

#include "config/tool/host/process.h"

namespace clusterbind::bench {
namespace {

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line))
    if (line.starts_with("model name"))
      if (const size_t colon = line.find(": "); colon != std::string::npos)
        return line.substr(colon + 2);
  return "unknown processor";
}

// The clock frequencies in the lines "cpu MHz" of /proc/cpuinfo, which some architectures lack.
std::string frequency_now() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  double low = std::numeric_limits<double>::infinity(), high = 0;
  while (std::getline(file, line))
    if (line.starts_with("cpu MHz"))
      if (const size_t colon = line.find(": "); colon != std::string::npos) {
        const double value = std::strtod(line.c_str() + colon + 2, nullptr);
        low = std::min(low, value), high = std::max(high, value);
      }
  if (high <= 0) return "not told by the kernel";
  return high - low < 1 ? fmt::format("{:.0f} MHz", high)
                        : fmt::format("{:.0f} to {:.0f} MHz", low, high);
}

}  // namespace

Machine Machine::here() {
  Machine machine;
  machine.processor = processor_name();
  machine.processors = sysconf(_SC_NPROCESSORS_ONLN);
  utsname system{};
  uname(&system);
  const std::string release = system.release;
  machine.kernel = release.substr(0, release.find('-'));  // the rest often names the builder
  machine.libc = gnu_get_libc_version();
  const std::time_t now = std::time(nullptr);
  std::tm calendar{};
  gmtime_r(&now, &calendar);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &calendar);
  machine.date = text.data();
  return machine;
}

std::string Machine::line() const {
  return fmt::format("{}, {} processors, Linux {}, glibc {}, {}", processor, processors, kernel,
                     libc, date);
}

void Machine::write(tool::Json& json) const {
  json.object("machine");
  json.add("processor", processor);
  json.add("processors", processors);
  json.add("kernel", kernel);
  json.add("libc", libc);
  json.add("optimised", optimised());
  json.end();
  json.add("date", date);
}

Watch::Watch() : begin_(now()), frequency_(frequency_now()) {}

Watch::Times Watch::now() {
  std::ifstream file("/proc/stat");
  std::string word;
  std::array<double, 8> ticks{};  // user nice system idle iowait irq softirq steal
  file >> word;
  for (double& one : ticks) file >> one;
  const auto tick = 1 / static_cast<double>(sysconf(_SC_CLK_TCK));
  Times times;
  for (const double one : ticks) times.all += one * tick;
  times.stolen = ticks[7] * tick;
  times.busy = times.all - (ticks[3] + ticks[4]) * tick - times.stolen;
  times.own = tool::processor_time_of(getpid());
  for (const pid_t child : tool::descendants_of(getpid()))
    times.own += tool::processor_time_of(child);
  return times;
}

double Watch::others(const Times& end) const {
  const double used = end.busy - begin_.busy - (end.own - begin_.own);
  return std::max(0.0, used / std::max(end.all - begin_.all, 1e-3));
}

double Watch::stolen(const Times& end) const {
  return (end.stolen - begin_.stolen) / std::max(end.all - begin_.all, 1e-3);
}

bool Watch::is_crowded() const {
  const Times end = now();
  return others(end) + stolen(end) > 0.2;
}

std::string Watch::line() const {
  const Times end = now();
  const std::string frequency = frequency_now();
  return fmt::format(
      "Of the processors' time the hypervisor took {:.1f} % and other processes {:.0f} %; "
      "frequency {}{}.",
      100 * stolen(end), 100 * others(end), frequency_,
      frequency == frequency_ ? "" : ", later " + frequency);
}

bool optimised() {
#ifdef __OPTIMIZE__
  return true;
#else
  return false;
#endif
}

}  // namespace clusterbind::bench
