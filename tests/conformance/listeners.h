// The listeners that the driver's connections go to.
#pragma once

#include <cstdint>

namespace clusterbind::test {

int listener(int family, uint16_t port, int backlog);

/// Makes a listener at full_port whose queue is full: connections to it stay in SYN-SENT.
void full_listener(int family);

}  // namespace clusterbind::test
