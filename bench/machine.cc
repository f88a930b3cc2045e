#include "bench/machine.h"

#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <fstream>

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

}  // namespace

Machine Machine::here() {
  Machine machine;
  machine.processor = processor_name();
  machine.processors = sysconf(_SC_NPROCESSORS_ONLN);
  utsname system{};
  uname(&system);
  const std::string release = system.release;
  machine.kernel = release.substr(0, release.find('-'));  // the rest often names a builder
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

bool optimised() {
#ifdef __OPTIMIZE__
  return true;
#else
  return false;
#endif
}

}  // namespace clusterbind::bench
