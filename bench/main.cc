// clusterbind-bench: what the library costs on this host. The manual page is clusterbind-bench(1).
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/capacity_worker.h"
#include "bench/failure.h"
#include "bench/network.h"
#include "bench/options.h"
#include "bench/parts.h"
#include "bench/process.h"
#include "bench/report.h"
#include "bench/threads_worker.h"
#include "bench/worker.h"
#include "config/tool/command/suggest.h"
#include "config/tool/command/terminal.h"

namespace clusterbind::bench {
namespace {

struct Part {
  std::string_view name;
  int (*run)(const Options&);
  std::string_view help;
};

constexpr Part parts[] = {
    {"latency", run_latency, "time of a connection: plain, bound by hand, library, attach"},
    {"instructions", run_instructions, "what the library executes per call, counted by valgrind"},
    {"start", run_start, "what the library adds to the start of a process"},
    {"capacity", run_capacity, "how many connections one source address holds, and their time"},
    {"rules", run_rules, "load and lookup time from 1 to 100,000 rules"},
    {"mail", run_mail, "messages per second of smtp-source"},
    {"threads", run_threads, "connections per second of 1 to 8 threads"},
    {"processes", run_processes, "processes started per second, with 0 to 100,000 rules"},
};

constexpr std::string_view all_help = "every part; writes FOLDER/PART.json and FOLDER/PART.svg";
constexpr std::string_view bounds_help = "what the project promises, and nothing else";

constexpr std::string_view usage =
    "Usage: clusterbind-bench latency [OPTION]... [DEST PORT]\n"
    "       clusterbind-bench PART [OPTION]...\n"
    "       clusterbind-bench all [OPTION]...\n"
    "       clusterbind-bench bounds\n"
    "       clusterbind-bench [PART] --help | --version\n\n";

std::string general_help() {
  std::string text(usage);
  for (const Part& part : parts) text += fmt::format("  {:<12}  {}\n", part.name, part.help);
  text += fmt::format("  {:<12}  {}\n", "all", all_help);
  text += fmt::format("  {:<12}  {}\n\n", "bounds", bounds_help);
  return text + "Options of latency; others take some of them (clusterbind-bench PART --help):\n" +
         options_help(parts[0].name) + "Options of all:\n" + options_help("all");
}

bool is_part(std::string_view name) {
  return name == "all" || name == "bounds" ||
         std::any_of(std::begin(parts), std::end(parts),
                     [&](const Part& part) { return part.name == name; });
}

/// The help of one part.
std::string help_of(std::string_view name) {
  const auto page = [&](std::string_view what, std::string_view operands) {
    return fmt::format("Usage: clusterbind-bench {} [OPTION]...{}\n{}\n\n{}", name, operands, what,
                       options_help(name));
  };
  if (name == "all") return page(all_help, "");
  if (name == "bounds") return fmt::format("Usage: clusterbind-bench bounds\n{}\n", bounds_help);
  for (const Part& part : parts)
    if (part.name == name) return page(part.help, name == "latency" ? " [DEST PORT]" : "");
  return general_help();
}

Failure unknown_part(std::string_view name) {
  if (name.starts_with("-")) return option_before_part(name.substr(0, name.find('=')));
  std::vector<std::string_view> names = {"all", "bounds"};
  for (const Part& part : parts) names.push_back(part.name);
  const std::string_view meant = tool::nearest(name, names);
  return Failure(fmt::format("there is no part '{}'{}", name,
                             meant.empty() ? "" : fmt::format(": did you mean {}?", meant)),
                 status_usage);
}

int print_bounds() {
  for (const Bound* bound : bounds::all) fmt::print("{:<12}  {}\n", bound->part, text_of(*bound));
  return status_done;
}

// Runs every part in turn, as one run: the confidence is for the verdicts of all parts together.
int run_all(Options options) {
  options.verdicts = static_cast<size_t>(std::count_if(
      bounds::all.begin(), bounds::all.end(), [](auto* bound) { return !bound->counted; }));
  const std::string folder = options.results;
  int worst = status_done;
  const auto run_part = [&](const Part& part, const std::string& file) {
    if (!folder.empty()) {
      options.json = folder + "/" + file + ".json";
      options.svg = part.name == "instructions" ? "" : folder + "/" + file + ".svg";
    }
    try {
      worst = std::max(worst, part.run(options));
    } catch (const Failure& failure) {
      if (failure.status() != status_unavailable) throw;
      fmt::print("{}: not measured: {}\n", part.name, failure.what());
    }
    fmt::print("\n");
    std::fflush(stdout);
  };
  for (const Part& part : parts) {
    // Twenty seconds in all, divided among the parts.
    if (options.quick)
      options.seconds = part.run == run_latency ? 8 : part.run == run_capacity ? 3 : 1.2;
    run_part(part, std::string(part.name));
  }
  if (!options.quick && Network::allowed()) {
    options.against = true;
    run_part(parts[0], "against");
  }
  return worst;
}

int print_version() {
  fmt::print("clusterbind-bench {}\n", CLUSTERBIND_VERSION);
  return status_done;
}

int print_help(std::span<const char* const> words) {
  if (!words.empty() && !is_part(words[0])) throw unknown_part(words[0]);
  fmt::print("{}", words.empty() ? general_help() : help_of(words[0]));
  return status_done;
}

int dispatch(std::span<const char* const> words) {
  if (words.empty()) throw Failure("PART is missing: latency, for example", status_usage);
  const std::string_view name = words[0];
  const std::span<const char* const> rest = words.subspan(1);
  if (name == "--help" || name == "-h" || name == "help") return print_help(rest);
  if (name == "--version") return print_version();
  if (name == worker_word) return run_worker(rest);
  if (name == count_word) return run_count(rest);
  if (name == capacity_word) return run_capacity_worker(rest);
  if (name == threads_word) return run_threads_worker(rest);
  if (!is_part(name)) throw unknown_part(name);
  for (const std::string_view word : rest) {
    if (word == "--help" || word == "-h") return print_help(words.first(1));
    if (word == "--version") return print_version();
  }
  if (name == "bounds") {
    if (rest.empty()) return print_bounds();
    throw Failure(fmt::format("unexpected operand: '{}': bounds takes none", rest[0]),
                  status_usage);
  }
  if (name == "all") {
    catch_interrupts();
    return run_all(read_options(name, rest));
  }
  for (const Part& part : parts)
    if (part.name == name) {
      catch_interrupts();
      return part.run(read_options(name, rest));
    }
  throw unknown_part(name);
}

/// Flushes the output. Figures that could not be written count as none.
int finish(int status) {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    throw Failure("cannot write the output");
  return status;
}

}  // namespace
}  // namespace clusterbind::bench

int main(int argc, char** argv) {
  using namespace clusterbind::bench;
  using clusterbind::tool::say;
  const std::vector<const char*> words(argv + 1, argv + std::max(argc, 1));
  try {
    return finish(dispatch(words));
  } catch (const Failure& failure) {
    std::fflush(stdout);
    say(fmt::format("clusterbind-bench: {}\n", failure.what()));
    const bool has_part = !words.empty() && is_part(words[0]);
    if (failure.status() == status_usage)
      say(fmt::format("try: clusterbind-bench {}--help\n",
                      has_part ? std::string(words[0]) + " " : ""));
    return failure.status();
  } catch (const std::exception& error) {
    say(fmt::format("clusterbind-bench: {}\n", error.what()));
    return status_failed;
  }
}
