// Where, when and under which conditions the figures were taken, without the host's name.
#pragma once

#include <string>

#include "config/tool/command/json.h"

namespace clusterbind::bench {

struct Machine {
  std::string processor;
  long processors = 0;
  std::string kernel;
  std::string libc;
  std::string date;  // UTC

  static Machine here();
  std::string line() const;
  void write(tool::Json& json) const;
};

/// What others did to the processors since the watch was made: processor time that the hypervisor
/// gave to other machines ("steal" of proc_stat(5)), what other processes used, and the clock
/// frequency where the kernel tells.
class Watch {
 public:
  Watch();
  std::string line() const;

 private:
  struct Times {
    double all = 0, busy = 0, stolen = 0, own = 0;  // seconds of processor time
  };
  static Times now();

  Times begin_;
  std::string frequency_;
};

/// Whether this program was built with optimisation; the figures mean nothing otherwise.
bool optimised();

}  // namespace clusterbind::bench
