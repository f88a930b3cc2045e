// Date, machine and conditions of a measurement, without the host's name.
#pragma once

#include <string>

#include "config/tool/command/json.h"

namespace clusterbind::bench {

struct Machine {
  std::string processor;
  long processors = 0;
  std::string kernel;
  std::string libc;
  std::string date;  // in UTC

  static Machine here();
  std::string line() const;
  void write(tool::Json& json) const;
};

/// What happened on the processors since the object was made: the time that the hypervisor gave to
/// other machines ("steal" in proc_stat(5)), the time that other processes used, and the clock
/// frequency, if the kernel shows it.
class Watch {
 public:
  Watch();
  std::string line() const;

  /// Whether other processes, or other machines, used so much of the processors' time that a cost
  /// may be theirs.
  bool is_crowded() const;

 private:
  struct Times {
    double all = 0, busy = 0, stolen = 0, own = 0;  // seconds of processor time
  };
  static Times now();
  double others(const Times& end) const;  // the part of all time, from 0 to 1
  double stolen(const Times& end) const;

  Times begin_;
  std::string frequency_;
};

/// Whether this program was built with optimisation. Without it, the figures mean nothing.
bool optimised();

}  // namespace clusterbind::bench
