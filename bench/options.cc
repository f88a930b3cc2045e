#include "bench/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "bench/connection.h"
#include "config/tool/command/suggest.h"

namespace clusterbind::bench {
namespace {

Failure wrong_usage(const std::string& what) {
  return Failure(what, status_usage);
}

// Where an option is allowed.
enum Scope : unsigned { one_part = 1, plotted = 2, all_parts = 4, latency_only = 8 };

struct Known {
  std::string_view name;
  std::string_view value;  // its name, or empty
  unsigned scope;
  std::string_view help;
};

constexpr Known known[] = {
    {"--quick", "", one_part | all_parts, "a first look, for 20 seconds"},
    {"--json", "FILE", one_part, "write the figures"},
    {"--svg", "FILE", plotted, "write a plot"},
    {"--results", "FOLDER", all_parts, "write the figures and plots of every part"},
    {"--check", "", one_part | all_parts, "exit with 1 if a figure misses its bound"},
    {"--smoke", "", one_part | all_parts, "a few batches only: does it run?"},
    {"--batches", "N", one_part, "measure exactly N batches"},
    {"--seconds", "S", one_part | all_parts, "stop measuring after S seconds"},
    {"--library", "FILE", one_part | all_parts, "the libclusterbind.so to measure"},
    {"--against", "", latency_only, "other ways to choose the source address (root)"},
    {"--other-library", "FILE", latency_only, "another libclusterbind.so beside the first one"},
    {"--delay", "MS", latency_only, "over a network whose round trip takes MS ms (root)"},
    {"--source", "ADDR", latency_only, "the source address to bind, with DEST PORT"},
    {"--brief", "", latency_only, "one sentence instead of the tables"},
    {"--time-wait", "", latency_only, "close in the ordinary way, and leave TIME-WAIT"},
};

bool belongs_to(const Known& one, std::string_view part) {
  const unsigned scopes = part == "all"            ? unsigned{all_parts}
                          : part == "latency"      ? one_part | plotted | latency_only
                          : part == "instructions" ? unsigned{one_part}
                                                   : one_part | plotted;
  return (one.scope & scopes) != 0;
}

/// The error for a word that begins with `-` and that the part does not accept.
Failure refused(std::string_view part, std::string_view word) {
  const auto* const found = std::find_if(std::begin(known), std::end(known),
                                         [&](const Known& one) { return one.name == word; });
  if (found == std::end(known)) {
    std::vector<std::string_view> names;
    for (const Known& one : known)
      if (belongs_to(one, part)) names.push_back(one.name);
    std::string_view meant = tool::nearest(word, names);
    for (const std::string_view name : names)
      if (meant.empty() && word.size() > 2 && name.starts_with(word)) meant = name;
    return wrong_usage(fmt::format("unknown option '{}'{}", word,
                                   meant.empty() ? "" : fmt::format(": did you mean {}?", meant)));
  }
  if (found->scope == latency_only)
    return wrong_usage(fmt::format("{} belongs to latency, not to {}", word, part));
  if (found->scope == all_parts)
    return wrong_usage(fmt::format("{} belongs to all: use --json and --svg", word));
  if (part == "all") return wrong_usage(fmt::format("{} belongs to a single part", word));
  return wrong_usage(fmt::format("{} has no plot: use --json FILE", part));
}

template <typename Number>
Number number(std::string_view option, std::string_view text, Number low, Number high) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= low && value <= high))
    throw wrong_usage(
        fmt::format("{}: '{}' is not a number from {} to {}", option, text, low, high));
  return value;
}

/// The way that an option is written: `--json FILE`.
std::string usage_of(const Known& one) {
  return one.value.empty() ? std::string(one.name) : fmt::format("{} {}", one.name, one.value);
}

/// What to write for DEST where PORT is missing. Log lines have 192.0.2.7:25 and [2001:db8::7]:25.
std::string with_port(std::string_view destination) {
  const size_t colon = destination.rfind(':');
  std::string_view address = destination.substr(0, colon);
  const bool in_brackets = address.starts_with('[') && address.ends_with(']');
  if (colon == address.npos || (!in_brackets && address.find(':') != address.npos))
    return fmt::format("{} 25, for example", destination);
  if (in_brackets) address = address.substr(1, address.size() - 2);
  return fmt::format("{} {}", address, destination.substr(colon + 1));
}

class Reader {
 public:
  Reader(std::string_view part, std::span<const char* const> arguments)
      : part_(part), left_(arguments) {}

  Options read() {
    while (!left_.empty()) {
      const std::string_view word = next();
      if (word.starts_with("-"))
        option(word);
      else
        operand(word);
    }
    if (!options_.destination.empty() && options_.port == 0)
      throw wrong_usage(fmt::format("PORT is missing: write {}", with_port(options_.destination)));
    if (!options_.destination.empty() && (options_.against || options_.delay_ms > 0))
      throw wrong_usage("--against and --delay bring their own destination: leave out DEST PORT");
    if (!options_.source.empty() && options_.destination.empty())
      throw wrong_usage("--source goes with a destination: write DEST PORT too");
    if (options_.against && options_.delay_ms > 0)
      throw wrong_usage("--against and --delay are two different runs: choose one");
    for (const std::string& address : {options_.destination, options_.source})
      if (!address.empty()) endpoint(address, 0);
    return options_;
  }

 private:
  std::string_view next() {
    const std::string_view word = left_.front();
    left_ = left_.subspan(1);
    return word;
  }

  /// The value of an option: after its `=`, or the next word, unless that is an option. Throws
  /// Failure if it is missing.
  std::string_view value(const Known& option) {
    if (!given_ && !left_.empty() && !std::string_view(left_.front()).starts_with("--"))
      given_ = next();
    if (!given_ || given_->empty())
      throw wrong_usage(fmt::format("{} needs {}", option.name, option.value));
    return *given_;
  }

  void option(std::string_view whole) {
    const size_t equals = whole.find('=');
    const std::string_view word = whole.substr(0, equals);
    const auto* const found =
        std::find_if(std::begin(known), std::end(known),
                     [&](const Known& one) { return one.name == word && belongs_to(one, part_); });
    if (found == std::end(known)) throw refused(part_, word);
    given_.reset();
    if (equals != whole.npos) given_ = whole.substr(equals + 1);
    if (given_ && found->value.empty())
      throw wrong_usage(fmt::format("{} takes no value", found->name));
    if (word == "--json") {
      options_.json = value(*found);
    } else if (word == "--svg") {
      options_.svg = value(*found);
    } else if (word == "--results") {
      options_.results = value(*found);
    } else if (word == "--library") {
      options_.library = value(*found);
    } else if (word == "--smoke") {
      options_.smoke = true;
    } else if (word == "--check") {
      options_.check = true;
    } else if (word == "--quick") {
      options_.quick = true;
    } else if (word == "--batches") {
      options_.batches = number<unsigned>(word, value(*found), 1, 1'000'000);
    } else if (word == "--seconds") {
      options_.seconds = number<double>(word, value(*found), 0.1, 3600);
    } else if (word == "--against") {
      options_.against = true;
    } else if (word == "--other-library") {
      options_.other_library = value(*found);
    } else if (word == "--brief") {
      options_.brief = true;
    } else if (word == "--time-wait") {
      options_.time_wait = true;
    } else if (word == "--delay") {
      options_.delay_ms = number<double>(word, value(*found), 0.01, 1000);
    } else if (word == "--source") {
      options_.source = value(*found);
    }
  }

  void operand(std::string_view word) {
    if (part_ != "latency")
      throw wrong_usage(fmt::format("unexpected operand: '{}': {} takes options", word, part_));
    if (options_.destination.empty())
      options_.destination = word;
    else if (options_.port == 0)
      options_.port = number<uint16_t>("PORT", word, 1, 65535);
    else
      throw wrong_usage(fmt::format("unexpected operand: '{}'", word));
  }

  std::string_view part_;
  std::span<const char* const> left_;
  std::optional<std::string_view> given_;  // the value of the option that is being read
  Options options_;
};

}  // namespace

std::string options_help(std::string_view part) {
  std::string text;
  for (const Known& one : known) {
    if (!belongs_to(one, part)) continue;
    text += fmt::format("  {:<21}  {}\n", usage_of(one), one.help);
  }
  return text;
}

Failure option_before_part(std::string_view word) {
  for (const std::string_view part : {"latency", "all"})
    for (const Known& one : known)
      if (one.name == word && belongs_to(one, part))
        return wrong_usage(fmt::format(
            "options come after the part, as in `clusterbind-bench {} {}`", part, usage_of(one)));
  return refused("latency", word);
}

Options read_options(std::string_view part, std::span<const char* const> arguments) {
  return Reader(part, arguments).read();
}

}  // namespace clusterbind::bench
