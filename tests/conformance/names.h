// Socket addresses: as the driver passes them to the kernel, and as it prints them.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <sstream>
#include <string>

#include "tests/support/random.h"

namespace clusterbind::test {

/// The address argument of a call, valid or not, and its name in the trace.
struct Name {
  sockaddr_storage storage = {};
  const sockaddr* pointer = nullptr;
  socklen_t length = 0;
  std::string text;

  Name() = default;
  Name(const Name&) = delete;  // `pointer` may point into it
  Name& operator=(const Name&) = delete;
};

/// Joins the pieces to one text.
template <typename... Pieces>
std::string joined(const Pieces&... pieces) {
  std::ostringstream text;
  (text << ... << pieces);
  return text.str();
}

/// The ports of the listeners that every run has.
constexpr uint16_t open_port = 2525;    // a listener, for datagrams too
constexpr uint16_t full_port = 2526;    // a listener that accepts no more connections
constexpr uint16_t closed_port = 2527;  // no listener
constexpr uint16_t first_own_port = 2601, own_ports = 4;  // for the program's own sockets

/// Chooses a destination, usually one that exists. `full` says whether it may be at full_port.
void random_destination(Random& random, bool full, Name& name);

/// Chooses an address to bind to.
void random_local(Random& random, Name& name);

/// What getsockname, getpeername or accept returned, in the form of the trace. This is the only
/// filter of the traces: the loopback address and the rules' source address of the same family have
/// one name, and so have all ephemeral ports, because the source address, and with it the free
/// ports, is what the library changes. Addresses and ports that the program has chosen are shown
/// unchanged.
std::string shown(const sockaddr_storage& storage, socklen_t length);

/// Whether the address is the source of the rules.
bool is_source_of_rules(const sockaddr_storage& storage);

/// Whether the destination is one that the rules of differential.sh match: a loopback address, in a
/// form that the kernel accepts.
bool is_matched(const Name& name);

/// Whether it is an IPv4 address, including IPv4-mapped ones.
bool is_ipv4(const sockaddr_storage& storage);

/// The wildcard address of either family.
bool is_wildcard(const sockaddr_storage& storage);

/// Whether it is ::1, or the rules' source address instead.
bool is_loopback_ipv6(const sockaddr_storage& storage);

}  // namespace clusterbind::test
