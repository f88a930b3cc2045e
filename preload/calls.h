// The entry for a call that connects: finds the rule that matches, and hands the call to
// connection.h only if that rule does something.
#pragma once

#include "preload/target.h"

namespace clusterbind {

/// connect(2) under the rules.
int connect_by_rules(int fd, const sockaddr* address, socklen_t length);

/// The real call, with its arguments in `context`.
struct RealCall {
  long (*function)(void* context);
  void* context;
};

/// Sends a message with MSG_FASTOPEN (tcp(7)), which connects, under the rules.
long send_by_rules(int fd, const Target& target, RealCall real);

}  // namespace clusterbind
