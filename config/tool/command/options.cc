#include "config/tool/command/options.h"

#include <fmt/format.h>
#include <getopt.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdio>
#include <type_traits>
#include <variant>

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

/// Where the value of an option goes; a flag becomes true.
using Member =
    std::variant<bool Options::*, std::string Options::*, std::optional<std::string> Options::*>;

struct Known {
  const char* name;
  const char* value;  // its name in the usage text, or null
  char letter;        // its short form, or 0
  unsigned commands;
  Member member;

  int argument() const { return value == nullptr ? no_argument : required_argument; }
};

constexpr std::array<Known, 22> known = {{
    {"help", nullptr, 'h', everywhere, &Options::help},
    {"version", nullptr, 0, everywhere, &Options::version},
    {"json", nullptr, 0, everywhere, &Options::json},
    {"config", "FILE", 'c', with_rules | only(Command::enable), &Options::file},
    {"rules", "RULES", 'r', with_rules, &Options::rules},
    {"strict", nullptr, 0, only(Command::check), &Options::strict},
    {"start", nullptr, 0, only(Command::check), &Options::start},
    {"quiet", nullptr, 'q', only(Command::check), &Options::quiet},
    {"proto", "tcp or udp", 0, only(Command::explain), &Options::proto},
    {"program", "NAME or PATH", 0, only(Command::explain), &Options::program},
    {"connect", nullptr, 0, only(Command::explain), &Options::connect},
    {"pid", "PID", 0, only(Command::doctor), &Options::pid},
    {"watch", nullptr, 0, only(Command::audit), &Options::watch},
    {"summary", nullptr, 0, only(Command::audit), &Options::quiet},
    {"netns", "NAME", 0, only(Command::audit), &Options::netns},
    {"library", nullptr, 0, only(Command::enable), &Options::library},
    {"kernel", nullptr, 0, only(Command::enable), &Options::kernel},
    {"now", nullptr, 0, only(Command::enable) | only(Command::disable), &Options::now},
    {"self", nullptr, 0, groups, &Options::self},
    {"unit", "UNIT", 0, groups, &Options::unit},
    {"cgroup", "PATH", 0, groups | only(Command::status), &Options::cgroup},
    {"verbose", nullptr, 0, only(Command::attach), &Options::verbose},
}};

/// What getopt_long returns for an option: its letter or, if it has none, a number that is no
/// character.
int answer_of(const Known& one) {
  return one.letter != 0 ? one.letter : UCHAR_MAX + 1 + static_cast<int>(&one - known.data());
}

/// The option for an answer of getopt_long, or known.end().
const Known* find_answer(int answer) {
  return std::find_if(known.begin(), known.end(),
                      [=](const Known& one) { return answer_of(one) == answer; });
}

bool belongs_to(const Known& one, Command command) {
  return (one.commands & only(command)) != 0;
}

void take(Options& options, const Known& one, const char* argument) {
  const auto set = [&](auto member) {
    if constexpr (std::is_same_v<decltype(member), bool Options::*>) {
      options.*member = true;
    } else {
      options.*member = argument;
    }
  };
  std::visit(set, one.member);
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
const char* value_name(int answer) {
  const Known* const found = find_answer(answer);
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
      longs.push_back({one.name, one.argument(), nullptr, answer_of(one)});
    }
  }
  longs.push_back({nullptr, 0, nullptr, 0});
  return longs;
}

/// The leading colon tells getopt_long to print no errors itself.
std::string short_options(Command command) {
  std::string shorts = ":";
  for (const Known& one : known) {
    if (belongs_to(one, command) && one.letter != 0) {
      shorts += one.letter;
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
  int answer = 0;
  // getopt_long is called before any thread exists.
  while ((answer = getopt_long(argc, argv, shorts.c_str(), longs.data(), nullptr)) !=
         -1) {  // NOLINT
    if (answer == '?' || answer == ':') {
      complain(option_trouble(command, answer, argv[optind - 1]));
      say(fmt::format("try: clusterbind {} --help\n", command_names[static_cast<size_t>(command)]));
      return std::nullopt;
    }
    take(options, *find_answer(answer), optarg);
  }
  if (options.file && options.rules) {
    complain("--config and --rules cannot be used together");
    return std::nullopt;
  }
  options.operands.assign(argv + optind, argv + argc);
  return options;
}

}  // namespace clusterbind::tool
