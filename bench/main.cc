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

namespace clusterbind::bench {
namespace {

struct Part {
  std::string_view name;
  int (*run)(const Options&);
};

constexpr Part parts[] = {
    {"latency", run_latency}, {"instructions", run_instructions},
    {"start", run_start},     {"capacity", run_capacity},
    {"rules", run_rules},     {"mail", run_mail},
    {"threads", run_threads}, {"processes", run_processes},
};

constexpr std::string_view help =
    "Usage: clusterbind-bench latency [OPTION]... [DEST PORT]\n"
    "       clusterbind-bench PART [OPTION]...\n"
    "       clusterbind-bench all [--quick] [--results FOLDER]\n"
    "       clusterbind-bench bounds\n"
    "\n"
    "  latency       time of a connection: plain, bound by hand, library, attach\n"
    "  instructions  what the library executes per call, counted by valgrind\n"
    "  start         what the library adds to the start of a process\n"
    "  capacity      how many connections one source address holds, and their time\n"
    "  rules         load and lookup time from 1 to 100,000 rules\n"
    "  mail          messages per second of smtp-source\n"
    "  threads       connections per second of 1 to 8 threads\n"
    "  processes     processes started per second, with 0 to 100,000 rules\n"
    "  all           every part; writes FOLDER/PART.json and FOLDER/PART.svg\n"
    "  bounds        what the project promises, and nothing else\n"
    "\n"
    "  --quick         a first look, for 20 seconds\n"
    "  --json FILE     write the figures\n"
    "  --svg FILE      write a plot (not of instructions)\n"
    "  --check         exit with 1 if a figure misses its bound\n"
    "  --smoke         a few batches only: does it run?\n"
    "  --batches N     measure exactly N batches\n"
    "  --seconds S     stop measuring after S seconds\n"
    "  --library FILE  the libclusterbind.so to measure\n"
    "\n"
    "latency only:\n"
    "  --against             other ways to choose the source address (root)\n"
    "  --other-library FILE  another libclusterbind.so beside the first one\n"
    "  --delay MS            over a network whose round trip takes MS ms (root)\n"
    "  --source ADDR         the source address to bind, with DEST PORT\n"
    "  --brief               one sentence instead of the tables\n"
    "  --time-wait           close in the ordinary way, and leave TIME-WAIT\n"
    "\n"
    "clusterbind-bench --help | --version\n";

int print_bounds() {
  for (const Bound* bound : bounds::all) fmt::print("{:<12}  {}\n", bound->part, text_of(*bound));
  return status_done;
}

// Every part in turn, as one run: its verdicts together are as sure as those of one part.
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
    // Twenty seconds in all: some for each part.
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

int dispatch(std::span<const char* const> words) {
  if (words.empty()) throw Failure("which part? latency, say", status_usage);
  const std::string_view name = words[0];
  const std::span<const char* const> rest = words.subspan(1);
  const bool wants_help = std::any_of(words.begin(), words.end(),
                                      [](std::string_view word) { return word == "--help"; });
  if (wants_help || name == "-h") {
    fmt::print("{}", help);
    return status_done;
  }
  if (name == "--version") {
    fmt::print("clusterbind-bench {}\n", CLUSTERBIND_VERSION);
    return status_done;
  }
  if (name == worker_word) return run_worker(rest);
  if (name == count_word) return run_count(rest);
  if (name == capacity_word) return run_capacity_worker(rest);
  if (name == threads_word) return run_threads_worker(rest);
  if (name == "bounds") return print_bounds();
  if (name == "all") {
    catch_interrupts();
    return run_all(read_options(name, rest));
  }
  for (const Part& part : parts)
    if (part.name == name) {
      catch_interrupts();
      return part.run(read_options(name, rest));
    }
  throw Failure(fmt::format("there is no part '{}'", name), status_usage);
}

}  // namespace
}  // namespace clusterbind::bench

int main(int argc, char** argv) {
  using namespace clusterbind::bench;
  const std::vector<const char*> words(argv + 1, argv + std::max(argc, 1));
  try {
    return dispatch(words);
  } catch (const Failure& failure) {
    std::fflush(stdout);
    fmt::print(stderr, "clusterbind-bench: {}\n", failure.what());
    if (failure.status() == status_usage) fmt::print(stderr, "Try 'clusterbind-bench --help'.\n");
    return failure.status();
  } catch (const std::exception& error) {
    fmt::print(stderr, "clusterbind-bench: {}\n", error.what());
    return status_failed;
  }
}
