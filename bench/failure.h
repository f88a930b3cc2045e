// The reason why a part could not be run: one line of text, and the exit status.
#pragma once

#include <stdexcept>
#include <string>

namespace clusterbind::bench {

// Exit statuses of clusterbind-bench(1).
constexpr int status_done = 0;
constexpr int status_bound_missed = 1;
constexpr int status_failed = 2;
constexpr int status_usage = 64;
constexpr int status_unavailable = 69;

class Failure : public std::runtime_error {
 public:
  explicit Failure(const std::string& message, int status = status_failed)
      : std::runtime_error(message), status_(status) {}

  int status() const { return status_; }

 private:
  int status_;
};

/// A Failure whose text ends with the message for errno.
Failure system_failure(const std::string& what);

}  // namespace clusterbind::bench
