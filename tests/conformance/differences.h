// What a program sees differently if the rules are in the kernel, according to
// clusterbind-attach(8).
#pragma once

#include <string>
#include <vector>

namespace clusterbind::test {

/// A call of the driver with its answer: a line of its trace in step.
struct Answer {
  std::string history;  // Sockets::history()
  std::string call;
  std::string result;  // with the errno
  std::string local;   // the socket's address
  std::string state;   // its peer, and the rest of the visible state
};
Answer answer_of(const std::string& line);

/// A row of the table: an answer that is expected instead of the plain one.
struct Difference {
  const char* reason;
  unsigned parts;  // those that may differ
  bool (*is_met)(const Answer& plain, const Answer& ruled);
};
extern const std::vector<Difference> differences;

/// The parts that differ between two answers, 0 if a program sees the same.
unsigned differing_parts(const Answer& plain, const Answer& ruled);

/// The first row that allows these two answers to the same call, or -1.
int row_of(const Answer& plain, const Answer& ruled);

}  // namespace clusterbind::test
