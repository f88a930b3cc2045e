// Lists the TCP sockets of a network namespace: sock_diag(7).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "config/address.h"

namespace clusterbind::tool {

struct Connection {
  Address local;
  Address remote;
  uint16_t local_port = 0;
  uint16_t remote_port = 0;
  uint8_t state = 0;     // TCP_* of netinet/tcp.h
  uint32_t inode = 0;    // 0: no process holds it any more
  bool no_port = false;  // IP_BIND_ADDRESS_NO_PORT is set (reported since Linux 5.10)
};

struct TcpSockets {
  std::vector<Connection> connections;  // all but listening and unconnected ones
  std::vector<uint16_t> listening;      // ports, sorted
};

/// Lists the TCP sockets of this process's network namespace. Returns 0 or an errno value.
int list_tcp(TcpSockets& out);

/// The name of a state in capitals: "ESTABLISHED", "SYN-SENT", ...
std::string_view state_name(uint8_t state);

}  // namespace clusterbind::tool
