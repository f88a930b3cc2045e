// Where and when the figures were taken, without the host's name.
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

/// Whether this program was built with optimisation; the figures mean nothing otherwise.
bool optimised();

}  // namespace clusterbind::bench
