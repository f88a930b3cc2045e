#include "bench/options.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "bench/failure.h"

namespace clusterbind::bench {
namespace {

Failure wrong_usage(const std::string& what) {
  return Failure(what, status_usage);
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
      throw wrong_usage("a destination needs a port: write DEST PORT");
    if (!options_.destination.empty() && (options_.against || options_.delay_ms > 0))
      throw wrong_usage("--against and --delay bring their own destination: leave out DEST PORT");
    if (!options_.source.empty() && options_.destination.empty())
      throw wrong_usage("--source goes with a destination: write DEST PORT too");
    if (options_.against && options_.delay_ms > 0)
      throw wrong_usage("--against and --delay are two different runs: choose one");
    return options_;
  }

 private:
  std::string_view next() {
    const std::string_view word = left_.front();
    left_ = left_.subspan(1);
    return word;
  }

  std::string_view argument(std::string_view option, std::string_view what) {
    if (left_.empty()) throw wrong_usage(fmt::format("{} needs {}", option, what));
    return next();
  }

  void only_latency(std::string_view option) const {
    if (part_ != "latency") throw wrong_usage(fmt::format("{} belongs to latency", option));
  }

  void option(std::string_view word) {
    if (part_ == "all" && (word == "--json" || word == "--svg" || word == "--batches"))
      throw wrong_usage(fmt::format("{} belongs to a single part", word));
    if (word == "--json") {
      options_.json = argument(word, "a file to write");
    } else if (word == "--svg") {
      if (part_ == "instructions") throw wrong_usage("instructions has no plot: use --json FILE");
      options_.svg = argument(word, "a file to write");
    } else if (word == "--results") {
      if (part_ != "all") throw wrong_usage("--results belongs to all: use --json and --svg");
      options_.results = argument(word, "a folder");
    } else if (word == "--library") {
      options_.library = argument(word, "the file of libclusterbind.so");
    } else if (word == "--smoke") {
      options_.smoke = true;
    } else if (word == "--check") {
      options_.check = true;
    } else if (word == "--quick") {
      options_.quick = true;
    } else if (word == "--batches") {
      options_.batches = number<unsigned>(word, argument(word, "a number"), 1, 1'000'000);
    } else if (word == "--seconds") {
      options_.seconds = number<double>(word, argument(word, "a number"), 0.1, 3600);
    } else if (word == "--against") {
      only_latency(word);
      options_.against = true;
    } else if (word == "--other-library") {
      only_latency(word);
      options_.other_library = argument(word, "the file of another libclusterbind.so");
    } else if (word == "--brief") {
      only_latency(word);
      options_.brief = true;
    } else if (word == "--time-wait") {
      only_latency(word);
      options_.time_wait = true;
    } else if (word == "--delay") {
      only_latency(word);
      options_.delay_ms = number<double>(word, argument(word, "a round trip in ms"), 0.01, 1000);
    } else if (word == "--source") {
      only_latency(word);
      options_.source = argument(word, "an address of this host");
    } else {
      throw wrong_usage(fmt::format("unknown option '{}'", word));
    }
  }

  void operand(std::string_view word) {
    if (part_ == "latency" && options_.destination.empty())
      options_.destination = word;
    else if (part_ == "latency" && options_.port == 0)
      options_.port = number<uint16_t>("PORT", word, 1, 65535);
    else
      throw wrong_usage(fmt::format("'{}' is one word too many", word));
  }

  std::string_view part_;
  std::span<const char* const> left_;
  Options options_;
};

}  // namespace

Options read_options(std::string_view part, std::span<const char* const> arguments) {
  return Reader(part, arguments).read();
}

}  // namespace clusterbind::bench
