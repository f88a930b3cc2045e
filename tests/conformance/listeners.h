// Who answers the driver's connections.
#pragma once

#include <cstdint>

namespace clusterbind::test {

int listener(int family, uint16_t port, int backlog);

/// A listener at full_port whose queue is full: a connection to it stays in SYN-SENT.
void full_listener(int family);

}  // namespace clusterbind::test
