// Which rule decides for a call, and what a bind rule does with a socket: section "What happens
// when a program connects" of libclusterbind(8). Pure.
#pragma once

#include <cstdint>

#include "config/ruleset.h"

namespace clusterbind {

/// The local address of a socket.
struct Local {
  Address address;
  uint16_t port = 0;
  Family socket = Family::ipv4;  // the family of the socket itself
};

/// The call that connects.
enum class Call : uint8_t { connect, message };

/// Whether a matching rule does anything at all to a connection.
inline bool acts(const Match& match, std::span<const Rule> rules, Protocol protocol) {
  const uint32_t rule = match[protocol];
  return rule != no_rule && rules[rule].action != Action::direct;
}

/// Whether the rules do anything to any protocol that the call can connect: messages connect
/// stream sockets only (MSG_FASTOPEN).
inline bool acts_for(const Match& match, std::span<const Rule> rules, Call call) {
  if (acts(match, rules, Protocol::tcp)) return true;
  return call == Call::connect &&
         (acts(match, rules, Protocol::udp) || acts(match, rules, Protocol::other));
}

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
