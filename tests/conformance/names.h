// Socket addresses as the driver passes them to the kernel and prints them.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <sstream>
#include <string>

#include "tests/support/random.h"

namespace clusterbind::test {

/// A socket address argument of a call, right or wrong, and its name in the trace.
struct Name {
  sockaddr_storage storage = {};
  const sockaddr* pointer = nullptr;
  socklen_t length = 0;
  std::string text;

  Name() = default;
  Name(const Name&) = delete;  // `pointer` may point into it
  Name& operator=(const Name&) = delete;
};

/// The pieces as one text.
template <typename... Pieces>
std::string joined(const Pieces&... pieces) {
  std::ostringstream text;
  (text << ... << pieces);
  return text.str();
}

/// The listeners that every run has.
constexpr uint16_t open_port = 2525;    // a listener, also for datagrams
constexpr uint16_t full_port = 2526;    // a listener that takes no more connections
constexpr uint16_t closed_port = 2527;  // nobody
constexpr uint16_t first_own_port = 2601, own_ports = 4;  // of the program's own sockets

/// A destination, mostly one that exists. `full`: whether full_port may be among them.
void random_destination(Random& random, bool full, Name& name);

/// An address to bind to.
void random_local(Random& random, Name& name);

/// What getsockname, getpeername or accept said, as the trace shows it. Here is the one filter of
/// the traces: the loopback address and our source of the same family are one name, and every
/// ephemeral port is one, because the source address (and with it the port that is free there) is
/// what the library is for. Addresses and ports that the program chose are shown as they are.
std::string shown(const sockaddr_storage& storage, socklen_t length);

/// Whether the address is the source of the rules.
bool is_source_of_rules(const sockaddr_storage& storage);

/// Whether the rules of differential.sh that match have this destination: a loopback address, in a
/// form that the kernel takes.
bool is_matched(const Name& name);

/// Also where IPv6 spells it.
bool is_ipv4(const sockaddr_storage& storage);

/// The wildcard address of either family.
bool is_wildcard(const sockaddr_storage& storage);

/// ::1, or the source of the rules in its place.
bool is_loopback_ipv6(const sockaddr_storage& storage);

}  // namespace clusterbind::test
