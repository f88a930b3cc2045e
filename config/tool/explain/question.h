// The question put to `clusterbind explain`: a connection, and the program that opens it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/rule.h"
#include "config/tool/command/options.h"
#include "config/tool/program/naming.h"

namespace clusterbind::tool {

struct Question {
  Address destination;
  uint16_t port = 0;
  Protocol protocol = Protocol::tcp;
  std::string program;  // as given
  Naming naming;        // of the program
};

/// Reads DEST and PORT, or DEST:PORT, and the options. Returns nothing on wrong usage, after
/// printing the error on standard error.
std::optional<Question> read_question(const Options& options);

}  // namespace clusterbind::tool
