// Opens one connection as the library would, and takes its time.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "config/rule.h"

namespace clusterbind::tool {

struct Attempt {
  bool made = false;
  std::string trouble;  // what failed, and why; empty where it was made
  std::optional<Address> local;
  uint16_t local_port = 0;
  std::chrono::microseconds time{};  // of connect(2) until the connection stands or has failed
};

/// Connects to an endpoint, from `source` if there is one, and closes the connection at once.
/// `datagram`: a UDP socket, on which nothing is sent. Waits no longer than `patience`.
Attempt attempt(const Address& destination, uint16_t port, bool datagram,
                const std::optional<Address>& source, std::chrono::milliseconds patience);

}  // namespace clusterbind::tool
