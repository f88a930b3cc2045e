#include "config/tool/command/options.h"

#include <fmt/format.h>
#include <getopt.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>

#include "config/tool/command/suggest.h"
#include "config/tool/command/terminal.h"

namespace clusterbind::tool {
namespace {

constexpr unsigned only(Command command) {
  return 1U << static_cast<unsigned>(command);
}
constexpr unsigned everywhere = ~0U;
constexpr unsigned units = only(Command::enable) | only(Command::disable) | only(Command::status);
constexpr unsigned groups = only(Command::attach) | only(Command::detach);
constexpr unsigned with_rules = everywhere & ~units & ~only(Command::detach);

/// What getopt_long returns for options that have no short form: no characters.
enum Long : int {
  first_long = 256,
  cgroup_letter = first_long,
  connect_letter,
  json_letter,
  kernel_letter,
  library_letter,
  netns_letter,
  now_letter,
  pid_letter,
  program_letter,
  proto_letter,
  self_letter,
  start_letter,
  strict_letter,
  unit_letter,
  verbose_letter,
  version_letter,
  watch_letter
};

struct Known {
  const char* name;
  const char* value;  // its name in the usage text, or null
  int letter;         // what getopt_long returns
  unsigned commands;

  int argument() const { return value == nullptr ? no_argument : required_argument; }
};

constexpr std::array<Known, 21> known = {{
    {"help", nullptr, 'h', everywhere},
    {"version", nullptr, version_letter, everywhere},
    {"json", nullptr, json_letter, everywhere},
    {"config", "FILE", 'c', with_rules | only(Command::enable)},
    {"rules", "RULES", 'r', with_rules},
    {"strict", nullptr, strict_letter, only(Command::check)},
    {"start", nullptr, start_letter, only(Command::check)},
    {"quiet", nullptr, 'q', only(Command::check)},
    {"proto", "tcp or udp", proto_letter, only(Command::explain)},
    {"program", "NAME or PATH", program_letter, only(Command::explain)},
    {"connect", nullptr, connect_letter, only(Command::explain)},
    {"pid", "PID", pid_letter, only(Command::doctor)},
    {"watch", nullptr, watch_letter, only(Command::audit)},
    {"netns", "NAME", netns_letter, only(Command::audit)},
    {"library", nullptr, library_letter, only(Command::enable)},
    {"kernel", nullptr, kernel_letter, only(Command::enable)},
    {"now", nullptr, now_letter, only(Command::enable) | only(Command::disable)},
    {"self", nullptr, self_letter, groups},
    {"unit", "UNIT", unit_letter, groups},
    {"cgroup", "PATH", cgroup_letter, groups | only(Command::status)},
    {"verbose", nullptr, verbose_letter, only(Command::attach)},
}};

bool belongs_to(const Known& one, Command command) {
  return (one.commands & only(command)) != 0;
}

void take(Options& options, int letter, const char* argument) {
  switch (letter) {
    case 'h':
      options.help = true;
      break;
    case version_letter:
      options.version = true;
      break;
    case json_letter:
      options.json = true;
      break;
    case strict_letter:
      options.strict = true;
      break;
    case start_letter:
      options.start = true;
      break;
    case 'q':
      options.quiet = true;
      break;
    case connect_letter:
      options.connect = true;
      break;
    case library_letter:
      options.library = true;
      break;
    case kernel_letter:
      options.kernel = true;
      break;
    case now_letter:
      options.now = true;
      break;
    case watch_letter:
      options.watch = true;
      break;
    case 'r':
      options.rules = argument;
      break;
    case 'c':
      options.file = argument;
      break;
    case proto_letter:
      options.proto = argument;
      break;
    case program_letter:
      options.program = argument;
      break;
    case pid_letter:
      options.pid = argument;
      break;
    case netns_letter:
      options.netns = argument;
      break;
    case self_letter:
      options.self = true;
      break;
    case unit_letter:
      options.unit = argument;
      break;
    case cgroup_letter:
      options.cgroup = argument;
      break;
    case verbose_letter:
      options.verbose = true;
      break;
    default:
      break;
  }
}

/// The commands that take an option: "explain and audit".
std::string commands_with(const Known& one) {
  std::string text;
  for (size_t i = 0; i < command_names.size(); ++i) {
    if (belongs_to(one, static_cast<Command>(i))) {
      append(text, command_names[i], " and ");
    }
  }
  return text;
}

/// The error message for a word that begins with `--` and that getopt_long does not accept.
std::string long_option_trouble(Command command, std::string_view word) {
  const std::string_view name = word.substr(2, word.find('=') - 2);
  std::vector<std::string_view> candidates;
  std::string beginnings;  // the options of which it may be an abbreviation
  for (const Known& one : known) {
    if (belongs_to(one, command)) {
      candidates.emplace_back(one.name);
      if (candidates.back().starts_with(name)) {
        append(beginnings, fmt::format("--{}", one.name), " or ");
      }
    }
    if (name != one.name) {
      continue;
    }
    if (belongs_to(one, command)) {
      return fmt::format("--{} takes no value", name);
    }
    return fmt::format("unrecognized option '--{}' for {}: it belongs to {}", name,
                       command_names[static_cast<size_t>(command)], commands_with(one));
  }
  if (!beginnings.empty()) {
    return fmt::format("'--{}' could be {}", printable(name), beginnings);
  }
  const std::string_view meant = nearest(name, candidates);
  return fmt::format("unrecognized option '--{}'{}", printable(name),
                     meant.empty() ? std::string() : fmt::format(": did you mean --{}?", meant));
}

/// The name of an option's value in the usage text.
const char* value_name(int letter) {
  const auto* const found = std::find_if(known.begin(), known.end(),
                                         [=](const Known& one) { return one.letter == letter; });
  return found == known.end() || found->value == nullptr ? "VALUE" : found->value;
}

/// ": did you mean --json?", for the long options that begin with the letter.
std::string meant_by_letter(Command command, char letter) {
  std::string meant;
  for (const Known& one : known) {
    if (belongs_to(one, command) && one.name[0] == letter) {
      append(meant, fmt::format("--{}", one.name), " or ");
    }
  }
  return meant.empty() ? meant : fmt::format(": did you mean {}?", meant);
}

/// The error message when getopt_long returned `answer`, ':' or '?', for the word before `optind`.
std::string option_trouble(Command command, int answer, std::string_view word) {
  const bool is_long = word.starts_with("--");
  if (answer == ':') {
    return fmt::format("{} needs a value: {}", printable(word), value_name(optopt));
  }
  if (is_long) {
    return long_option_trouble(command, word);
  }
  return fmt::format("unrecognized option '-{}'{}", static_cast<char>(optopt),
                     meant_by_letter(command, static_cast<char>(optopt)));
}

std::vector<option> long_options(Command command) {
  std::vector<option> longs;
  for (const Known& one : known) {
    if (belongs_to(one, command)) {
      longs.push_back({one.name, one.argument(), nullptr, one.letter});
    }
  }
  longs.push_back({nullptr, 0, nullptr, 0});
  return longs;
}

/// The leading colon tells getopt_long to print no errors itself.
std::string short_options(Command command) {
  std::string shorts = ":";
  for (const Known& one : known) {
    if (belongs_to(one, command) && one.letter < first_long) {
      shorts += static_cast<char>(one.letter);
      shorts += one.value == nullptr ? "" : ":";
    }
  }
  return shorts;
}

}  // namespace

void complain(std::string_view message) {
  say(fmt::format("clusterbind: {}\n", printable(message)));
}

std::optional<Options> read_options(Command command, int argc, char** argv) {
  const std::vector<option> longs = long_options(command);
  Options options;
  options.command = command;
  const std::string shorts = short_options(command);
  int letter = 0;
  // getopt_long is called before any thread exists.
  while ((letter = getopt_long(argc, argv, shorts.c_str(), longs.data(), nullptr)) !=
         -1) {  // NOLINT
    if (letter == '?' || letter == ':') {
      complain(option_trouble(command, letter, argv[optind - 1]));
      say(fmt::format("try: clusterbind {} --help\n", command_names[static_cast<size_t>(command)]));
      return std::nullopt;
    }
    take(options, letter, optarg);
  }
  if (options.file && options.rules) {
    complain("--config and --rules cannot be used together");
    return std::nullopt;
  }
  options.operands.assign(argv + optind, argv + argc);
  return options;
}

}  // namespace clusterbind::tool
