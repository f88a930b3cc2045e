// A program that opens connections on request and reports the result of each. It runs under any
// name, in a control group or outside.
#pragma once

#include <netinet/in.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <string>

#include "tests/support/horrible_lookup.h"

namespace clusterbind::test {

/// What the program does with the socket before it connects.
enum class Bound : uint8_t { no, to_address, to_address_without_port, to_wildcard };

/// A connection to open. Addresses are IPv6 or IPv4-mapped.
struct Task {
  int family = 0;  // of the socket
  int type = 0;
  int protocol = 0;
  Bound bound = Bound::no;
  Bytes local{};
  Bytes destination{};
  uint16_t port = 0;
};

/// The result, as the program itself sees it.
struct Outcome {
  int error = 0;  // errno of connect(2), or of an earlier call
  bool is_prepared = false;
  Bytes local{};  // from getsockname(2)
};

/// Converts an address to a socket address of the socket's family, and back.
struct SocketName {
  sockaddr_in6 raw{};
  socklen_t length = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&raw); }
};
SocketName name_of(const Bytes& address, uint16_t port, int family);
Bytes bytes_of(const SocketName& name);

class Worker {
 public:
  /// Starts `program`, a copy of this one, in a control group; if `group` is empty, in the
  /// caller's.
  Worker(const std::string& program, const std::string& group);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  /// The connection stays open until the next task.
  Outcome run(const Task& task) const;

 private:
  int channel_ = -1;
  pid_t process_ = -1;
};

/// The main function of the program: reads tasks from descriptor 0 until it ends.
int work();

}  // namespace clusterbind::test
