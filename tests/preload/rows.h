// Tables of calls that a program makes, with their results and what the listener saw.
#pragma once

#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/preload/world.h"

namespace world {

struct Row {
  std::string what;
  std::string rules;
  std::string script;
  std::string out;    // what the calls returned
  std::string peers;  // the peers that the listener saw
};

inline void check(const std::vector<Row>& rows, const std::vector<std::string>& launcher = {}) {
  for (const Row& row : rows) {
    Listener listener;
    const Output output = subject(row.rules, row.script, listener, {}, launcher);
    INFO(row.what << "\nrules: " << row.rules << "\nscript: " << row.script
                  << "\nlog: " << output.error);
    CHECK(output.status == 0);
    CHECK(output.out == row.out);
    CHECK(listener.peers() == row.peers);
  }
}

}  // namespace world
