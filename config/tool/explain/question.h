// What `clusterbind explain` is asked: a connection, and whose it is.
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
  std::string program;  // as asked
  Naming naming;        // of the program
};

/// Reads DEST and PORT, or DEST:PORT, and the options. Nothing: wrong usage, which standard error
/// has been told.
std::optional<Question> read_question(const Options& options);

}  // namespace clusterbind::tool
