// The command line of the parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bench/failure.h"

namespace clusterbind::bench {

struct Options {
  std::string json;      // file to write, or empty
  std::string svg;       // file to write, or empty
  std::string library;   // libclusterbind.so; empty: the one that belongs to this program
  std::string results;   // for `all`: a folder for the files of every part
  bool smoke = false;    // only a few rounds, to see that it runs
  bool check = false;    // a missed bound makes the exit status 1
  bool quick = false;    // 20 seconds
  unsigned batches = 0;  // a fixed number; 0: as many as statistics.h demands
  double seconds = 0;    // 0: the part's own choice
  size_t verdicts = 0;   // in the whole run; 0: only those of the part

  // Only for latency.
  bool against = false;
  bool time_wait = false;
  bool brief = false;  // one sentence instead of the tables and the bounds
  double delay_ms = 0;
  std::string other_library;  // another libclusterbind.so, for comparison
  std::string source;
  std::string destination;
  uint16_t port = 0;

  /// The highest number of batches.
  unsigned batches_or(unsigned usual, unsigned in_smoke) const {
    return batches != 0 ? batches : smoke ? in_smoke : usual;
  }
  double seconds_or(double usual) const { return seconds > 0 ? seconds : quick ? 20 : usual; }
};

/// Reads the arguments that follow the name of the part. Throws Failure(status_usage).
Options read_options(std::string_view part, std::span<const char* const> arguments);

/// What is wrong with a word that begins with `-` and stands where the part should.
Failure option_before_part(std::string_view word);

/// The options of a part, one per line, for its --help.
std::string options_help(std::string_view part);

}  // namespace clusterbind::bench
