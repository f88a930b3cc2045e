// start: what the library adds to the start of a process. MTAs start processes all day.
#include <fmt/format.h>
#include <gnu/lib-names.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "bench/bounds.h"
#include "bench/clock.h"
#include "bench/failure.h"
#include "bench/parts.h"
#include "bench/process.h"
#include "bench/report.h"
#include "bench/ruletexts.h"
#include "bench/statistics.h"

namespace clusterbind::bench {
namespace {

// A folder for rule files, removed at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "clusterbind-bench.XXXXXX");
    if (mkdtemp(name.data()) == nullptr) throw system_failure(name);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name, const std::string& text) const {
    std::string path = path_ / name;
    std::ofstream(path) << text;
    return path;
  }

 private:
  std::filesystem::path path_;
};

double microseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
}

// A program that does nothing, under one environment.
class Starter {
 public:
  Starter(const std::string& program, std::vector<std::string> variables) {
    Command command;
    command.environment = std::move(variables);
    arguments_ = {program};
    environment_ = environment_of(command);
    argument_pointers_ = pointers_to(arguments_);
    environment_pointers_ = pointers_to(environment_);
  }

  /// Microseconds of processor time of the new process, in user space and in the kernel.
  double time() const {
    pid_t pid = -1;
    const int error = posix_spawn(&pid, argument_pointers_[0], nullptr, nullptr,
                                  argument_pointers_.data(), environment_pointers_.data());
    if (error != 0) throw Failure(fmt::format("{} can't be started", arguments_[0]));
    int status = 0;
    rusage used{};
    if (wait4(pid, &status, 0, &used) != pid || status != 0) {
      end_if_interrupted();
      throw Failure(fmt::format("{} failed", arguments_[0]));
    }
    return microseconds(used.ru_utime) + microseconds(used.ru_stime);
  }

 private:
  std::vector<std::string> arguments_;
  std::vector<std::string> environment_;
  std::vector<char*> argument_pointers_;
  std::vector<char*> environment_pointers_;
};

enum Rows { none, none_again, empty, few, ten, thousand, libstdcxx, row_count };

std::vector<std::string> preload_with_file(const std::string& library, const std::string& file) {
  return {"LD_PRELOAD=" + library, "CLUSTERBIND_CONFIG=" + file};
}

}  // namespace

int run_start(const Options& options) {
  print_head("Start and end of /bin/true, in microseconds of processor time");
  const std::string library = find_library(options.library);
  const std::string program = need_program("true", "coreutils");
  const Folder folder;
  const bool inert = access("/etc/clusterbind.conf", F_OK) != 0;

  Table table{"Start and end of a process", "us", "none", "", std::vector<Row>(row_count), {}};
  const char* const names[] = {
      "no preload", "no preload again", LIBDL_SO,        inert ? "0 rules" : "1 rule",
      "10 rules",   "1,000 rules",      "libstdc++.so.6"};
  for (size_t i = 0; i < row_count; ++i) {
    table.rows[i].name = names[i];
    if (i != none) table.rows[i].baseline = none;
  }
  table.rows[empty].note = "what any preload costs: it is empty (glibc 2.34 and later)";
  table.rows[libstdcxx].note = "what a preload written in C++ without care loads";

  std::vector<Starter> starters;
  starters.emplace_back(program, std::vector<std::string>{});
  starters.emplace_back(program, std::vector<std::string>{});
  starters.emplace_back(program, std::vector<std::string>{"LD_PRELOAD=" LIBDL_SO});
  // Without /etc/clusterbind.conf there are no rules at all, and the library does nothing.
  starters.emplace_back(program, inert
                                     ? std::vector<std::string>{"LD_PRELOAD=" + library}
                                     : preload_with_file(library, folder.file("one", "direct\n")));
  for (const unsigned rules : {10U, 1000U})
    starters.emplace_back(
        program, preload_with_file(library, folder.file(std::to_string(rules),
                                                        many_rules(Mix::prefixes, rules))));
  starters.emplace_back(program, std::vector<std::string>{"LD_PRELOAD=libstdc++.so.6"});

  pin_to(quiet_cpu());
  const Deadline deadline(options.seconds_or(60));
  const unsigned rounds = options.rounds_or(2000, 5);
  for (unsigned round = 0; round < rounds && !deadline.passed(); ++round) {
    end_if_interrupted();
    for (unsigned slot = 0; slot < row_count; ++slot) {
      const unsigned place = place_in_round(slot, round, row_count);
      const double time = starters[place].time();
      table.rows[place].samples.push_back(time);
      table.rows[place].rounds.push_back(time);
    }
  }
  print_table(table);
  const std::vector<Bound> bounds = {
      {"10 rules, over no preload", table.difference(ten, none).estimate, bounds::start_10_rules,
       false, "us"},
      {"1,000 rules, over no preload", table.difference(thousand, none).estimate,
       bounds::start_1000_rules, false, "us"},
  };
  return finish(
      options, "start", bounds, [&](tool::Json& json) { write_table(json, table); },
      [&] { return plot_table(table); });
}

}  // namespace clusterbind::bench
