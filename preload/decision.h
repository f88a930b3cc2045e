// What a bind rule does with a socket, by what the socket is: the middle rows of the table in
// "What happens when a program connects" of libclusterbind(8). Pure.
#pragma once

#include <cstdint>

#include "config/ruleset.h"

namespace clusterbind {

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

enum class SocketKind : uint8_t { stream, datagram, raw };

/// Whose the local address of a socket is.
enum class Owner : uint8_t {
  nobody,      // the wildcard address: none yet
  rule,        // the source address that the rule has for this destination
  other_rule,  // another source address of the rules
  program,     // any other: the program has chosen it, or the kernel for an earlier connect
};

/// What is known of a socket that a bind rule has matched.
struct Facts {
  Owner owner = Owner::nobody;
  bool has_port = false;
  SocketKind kind = SocketKind::stream;
  bool connected = false;         // a datagram socket that has a peer
  bool name_left_behind = false;  // a failed connect has left it; the socket holds no port
  bool overrides = false;         // the rule's clause
  bool for_any_protocol = false;  // the rule's clause
};

enum class Way : uint8_t {
  leave,    // the program has chosen
  keep,     // the source address is there
  bind,     // by bind(2): nothing is known that would make it fail
  release,  // a stream socket has a port, which is to be given back if bind(2) fails
  move,     // a datagram socket has a port or a peer, which AF_UNSPEC takes away
};

/// Chooses how a bind rule gets a socket to its source address.
constexpr Way way_for(const Facts& facts) {
  // The port of a raw socket is its protocol: one of TCP's number has not become a TCP socket.
  if (facts.kind == SocketKind::raw && !facts.for_any_protocol) return Way::leave;
  if (facts.owner == Owner::nobody && !facts.has_port) return Way::bind;
  if (facts.owner == Owner::rule) return Way::keep;
  if (facts.kind == SocketKind::datagram) {
    // Without a peer only the program can have bound it to an address.
    const bool may_move = facts.connected || facts.owner == Owner::nobody || facts.overrides;
    if (may_move && facts.has_port) return Way::move;
  }
  if (facts.owner == Owner::nobody) return Way::release;
  if (facts.owner == Owner::other_rule) return Way::bind;
  if (facts.overrides) return facts.has_port ? Way::release : Way::bind;
  const bool free = facts.name_left_behind && facts.kind != SocketKind::raw;
  return facts.has_port && free ? Way::bind : Way::leave;
}

}  // namespace clusterbind
