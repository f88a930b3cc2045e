// The command line of `clusterbind`.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clusterbind::tool {

enum class Command : unsigned {
  check,
  explain,
  doctor,
  audit,
  enable,
  disable,
  status,
  attach,
  detach
};
constexpr std::array<std::string_view, 9> command_names = {
    "check", "explain", "doctor", "audit", "enable", "disable", "status", "attach", "detach"};

/// The exit codes of every command; 64 is EX_USAGE of sysexits.h.
enum Exit : int { exit_good = 0, exit_bad = 1, exit_unknown = 2, exit_usage = 64 };

/// The options and operands of a command. Options that a command does not take keep their defaults.
struct Options {
  Command command = Command::check;
  bool help = false;
  bool version = false;
  bool json = false;
  bool strict = false;
  bool quiet = false;  // check --quiet, audit --summary
  bool start = false;
  bool connect = false;
  bool watch = false;
  bool library = false;
  bool kernel = false;
  bool now = false;
  bool self = false;
  bool verbose = false;
  std::optional<std::string> file;   // --config, -c
  std::optional<std::string> rules;  // --rules, -r
  std::optional<std::string> pid;
  std::optional<std::string> netns;
  std::optional<std::string> unit;
  std::optional<std::string> cgroup;
  std::string program;
  std::string proto = "tcp";
  std::vector<std::string> operands;
};

/// Reads the arguments with getopt_long(3). `argv` begins with the command's name. Returns nothing
/// on wrong usage, after printing the error on standard error.
std::optional<Options> read_options(Command command, int argc, char** argv);

/// Prints "clusterbind: MESSAGE" on standard error.
void complain(std::string_view message);

}  // namespace clusterbind::tool
