#include "config/tool/options.h"

#include <fmt/format.h>
#include <getopt.h>

#include <array>
#include <cstdio>

namespace clusterbind::tool {
namespace {

constexpr unsigned only(Command command) {
  return 1U << static_cast<unsigned>(command);
}
constexpr unsigned everywhere = ~0U;
constexpr unsigned judging = only(Command::explain) | only(Command::audit);

struct Known {
  const char* name;
  int argument;  // no_argument or required_argument, of getopt.h
  int letter;    // what getopt_long returns
  unsigned commands;
};

// Letters above 127 have no short form.
constexpr std::array<Known, 13> known = {{
    {"help", no_argument, 'h', everywhere},
    {"version", no_argument, 'V', everywhere},
    {"json", no_argument, 'j', everywhere},
    {"strict", no_argument, 's', only(Command::check)},
    {"quiet", no_argument, 'q', only(Command::check)},
    {"rules", required_argument, 'r', judging | only(Command::check)},
    {"file", required_argument, 'f', judging},
    {"proto", required_argument, 'p', only(Command::explain)},
    {"program", required_argument, 'g', only(Command::explain)},
    {"connect", no_argument, 'c', only(Command::explain)},
    {"pid", required_argument, 'i', only(Command::doctor)},
    {"watch", no_argument, 'w', only(Command::audit)},
    {"netns", required_argument, 'n', only(Command::audit)},
}};

void take(Options& options, int letter, const char* argument) {
  switch (letter) {
    case 'h':
      options.help = true;
      break;
    case 'V':
      options.version = true;
      break;
    case 'j':
      options.json = true;
      break;
    case 's':
      options.strict = true;
      break;
    case 'q':
      options.quiet = true;
      break;
    case 'c':
      options.connect = true;
      break;
    case 'w':
      options.watch = true;
      break;
    case 'r':
      options.rules = argument;
      break;
    case 'f':
      options.file = argument;
      break;
    case 'p':
      options.proto = argument;
      break;
    case 'g':
      options.program = argument;
      break;
    case 'i':
      options.pid = argument;
      break;
    case 'n':
      options.netns = argument;
      break;
    default:
      break;
  }
}

}  // namespace

void complain(std::string_view message) {
  fmt::print(stderr, "clusterbind: {}\n", message);
}

std::optional<Options> read_options(Command command, int argc, char** argv) {
  std::vector<option> longs;
  for (const Known& one : known) {
    if ((one.commands & only(command)) != 0) {
      longs.push_back({one.name, one.argument, nullptr, one.letter});
    }
  }
  longs.push_back({nullptr, 0, nullptr, 0});

  Options options;
  options.command = command;
  const char* const shorts = command == Command::check ? "hqr:" : "h";
  int letter = 0;
  // getopt_long is called before any thread exists.
  while ((letter = getopt_long(argc, argv, shorts, longs.data(), nullptr)) != -1) {  // NOLINT
    if (letter == '?') {
      return std::nullopt;
    }
    take(options, letter, optarg);
  }
  if (options.file && options.rules) {
    complain("--file and --rules exclude each other");
    return std::nullopt;
  }
  options.operands.assign(argv + optind, argv + argc);
  return options;
}

}  // namespace clusterbind::tool
