// `clusterbind`: the operator's tool of libclusterbind. clusterbind(1) describes it.

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <exception>
#include <optional>
#include <string_view>

#include "config/tool/commands.h"

namespace clusterbind::tool {
namespace {

constexpr std::string_view help =
    R"(Usage: clusterbind check   [--strict] [--quiet] [FILE | -r RULES]
       clusterbind explain [--file FILE | --rules RULES] [--proto tcp|udp]
                           [--program NAME] [--connect] DEST PORT
       clusterbind doctor  PROGRAM | --pid PID
       clusterbind audit   [--watch] [--netns NAME]
                           [--file FILE | --rules RULES]

check    whether a rule file is right, what it means, and what is odd about it
explain  the rule that decides a connection, and its source address
doctor   whether the library can reach a program, or is in a running one
audit    this host's TCP connections that should have another source address

  --strict        let warnings fail the check
  --quiet         print errors only
  --connect       open the connection too, and take its time
  --watch         look again every second, until interrupted
  --netns NAME    look at another network namespace
  --json          answer in JSON
  --help, --version

Without FILE or RULES: CLUSTERBIND_RULES, CLUSTERBIND_CONFIG or
/etc/clusterbind.conf, as the library does.
Exit status: 0 good, 1 bad, 2 could not find out, 64 wrong usage.
)";

struct Entry {
  std::string_view name;
  Command command;
  int (*run)(const Options&);
};

constexpr std::array<Entry, 4> entries = {{
    {"check", Command::check, run_check},
    {"explain", Command::explain, run_explain},
    {"doctor", Command::doctor, run_doctor},
    {"audit", Command::audit, run_audit},
}};

int wrong_usage(std::string_view message) {
  complain(message);
  fmt::print(stderr, "try: clusterbind --help\n");
  return exit_usage;
}

int show_help() {
  fmt::print("{}", help);
  return exit_good;
}

int show_version() {
  fmt::print("clusterbind " CLUSTERBIND_VERSION "\n");
  return exit_good;
}

int run(const Entry& entry, int argc, char** argv) {
  static char name[] = "clusterbind";  // for getopt_long's messages
  argv[0] = name;
  const auto options = read_options(entry.command, argc, argv);
  if (!options) {
    return exit_usage;
  }
  if (options->help) {
    return show_help();
  }
  return options->version ? show_version() : entry.run(*options);
}

int dispatch(int argc, char** argv) {
  const std::string_view word = argc > 1 ? argv[1] : "";
  if (word == "--help" || word == "-h" || word == "help") {
    return show_help();
  }
  if (word == "--version") {
    return show_version();
  }
  for (const Entry& entry : entries) {
    if (word == entry.name) {
      return run(entry, argc - 1, argv + 1);
    }
  }
  return wrong_usage(word.empty() ? "which command?" : "no such command or option");
}

/// An answer that could not be written is none.
int finish(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
    return code;
  }
  complain("cannot write the answer");
  return exit_unknown;
}

}  // namespace
}  // namespace clusterbind::tool

int main(int argc, char** argv) {
  using namespace clusterbind::tool;
  try {
    return finish(dispatch(argc, argv));
  } catch (const std::exception& trouble) {
    complain(trouble.what());
    return exit_unknown;
  }
}
