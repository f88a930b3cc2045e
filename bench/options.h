// The command line, as far as the parts share it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace clusterbind::bench {

struct Options {
  std::string json;     // file to write, or empty
  std::string svg;      // file to write, or empty
  std::string library;  // libclusterbind.so; empty: the one that belongs to this program
  bool smoke = false;   // a few rounds: does it run at all?
  bool check = false;   // a bound that is missed makes the exit status 1
  unsigned rounds = 0;  // 0: the part's own choice
  double seconds = 0;   // 0: the part's own choice

  // latency only
  bool against = false;
  bool time_wait = false;
  bool brief = false;  // one sentence instead of the tables and the bounds
  double delay_ms = 0;
  std::string source;
  std::string destination;
  uint16_t port = 0;

  unsigned rounds_or(unsigned usual, unsigned in_smoke) const {
    return rounds != 0 ? rounds : smoke ? in_smoke : usual;
  }
  double seconds_or(double usual) const { return seconds > 0 ? seconds : usual; }
};

/// Reads what stands behind the name of the part. Throws Failure(status_usage).
Options read_options(std::string_view part, std::span<const char* const> arguments);

}  // namespace clusterbind::bench
