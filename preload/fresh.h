// connect(2) as nearly all calls have it, in as few instructions as can be: rules that neither log
// nor reload, and an IPv4 destination; of those that match, a bind rule for TCP and a fresh socket.
// It does what Attempt does, and leaves to that what turns out otherwise.
#pragma once

#include <sys/socket.h>

namespace clusterbind {

/// connect(2) under the rules.
int connect_by_rules(int fd, const sockaddr* address, socklen_t length);

}  // namespace clusterbind
