// Opens one connection as the library would, and measures the time it takes.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "config/rule.h"

namespace clusterbind::tool {

struct Attempt {
  bool made = false;
  std::string trouble;  // what failed, and why; empty on success
  std::optional<Address> local;
  uint16_t local_port = 0;
  std::chrono::microseconds time{};  // from connect(2) to success or failure
};

/// Connects to an endpoint, from `source` if one is given, and closes the connection at once. With
/// `datagram` it uses a UDP socket and sends nothing. Waits no longer than `patience`.
Attempt attempt(const Address& destination, uint16_t port, bool datagram,
                const std::optional<Address>& source, std::chrono::milliseconds patience);

}  // namespace clusterbind::tool
