// One call that connects, from the rules to what is undone after it: the table in "What happens
// when a program connects" of libclusterbind(8), in its order. Which way a bind rule takes with a
// socket is in decision.h, what is asked of the kernel in socket.h.
//
// Nothing is held across the real call, which may never return: a signal handler may jump out of
// it.
#pragma once

#include <errno.h>

#include <string_view>

#include "preload/decision.h"
#include "preload/load.h"
#include "preload/socket.h"
#include "preload/target.h"

namespace clusterbind {

/// connect(2) under the rules.
int connect_by_rules(int fd, const sockaddr* address, socklen_t length);

/// The real call, with what it needs.
struct RealCall {
  long (*function)(void* context);
  void* context;
};

/// A message with MSG_FASTOPEN (tcp(7)) under the rules.
long send_by_rules(int fd, const Target& target, RealCall real);

}  // namespace clusterbind
