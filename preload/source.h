// Which rule decides for a call, and what a bind rule does with a socket: section "What happens
// when a program connects" of libclusterbind(8). Pure.
#pragma once

#include <cstdint>

#include "config/ruleset.h"

namespace clusterbind {

/// The local address of a socket, from getsockname(2).
struct Local {
  Address address;
  uint16_t port = 0;
  Family socket = Family::ipv4;  // the family of the socket itself
};

/// Whether a matching rule does anything at all to a connection.
bool acts(const Match& match, std::span<const Rule> rules, Protocol protocol);

/// Whether one rule decides, whatever the protocol is.
constexpr bool same_for_all(const Match& match) {
  return match.first[0] == match.first[1] && match.first[1] == match.first[2];
}

/// How a bind rule gets a socket to its source address.
enum class Way : uint8_t {
  leave,    // the program has chosen
  bind,     // the socket has no port, or a source address of ours that can be replaced
  release,  // it has a port: a name that an earlier connect left behind, which bind replaces, or
            // one that must be given back first
};

/// Chooses the way for a socket. `ours`: the local address is a source address of the rules.
Way way_for(const Rule& rule, const Local& local, bool ours);

}  // namespace clusterbind
