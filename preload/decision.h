// What a `bind` rule does with a socket, by the state of the socket: way_for() is the table. In
// words it is "What happens to a connection" in libclusterbind(8). Pure: it makes no system calls.
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

/// Whether the rules do anything to any protocol that the call can connect. Messages connect only
/// stream sockets (MSG_FASTOPEN).
inline bool acts_for(const Match& match, std::span<const Rule> rules, Call call) {
  if (acts(match, rules, Protocol::tcp)) return true;
  return call == Call::connect &&
         (acts(match, rules, Protocol::udp) || acts(match, rules, Protocol::other));
}

/// Whether the same rule decides for every protocol.
constexpr bool same_for_all(const Match& match) {
  return match.first[0] == match.first[1] && match.first[1] == match.first[2];
}

enum class SocketKind : uint8_t { stream, datagram, raw };

/// Who has chosen the local address of a socket.
enum class Owner : uint8_t {
  nobody,      // it is the wildcard address
  rule,        // it is a source address of the rule that matches
  other_rule,  // it is a source address of another rule
  program,     // any other address: the program's choice, or the kernel's in an earlier connect
};

/// What is known of a socket that a bind rule has matched.
struct Facts {
  Owner owner = Owner::nobody;
  bool has_port = false;
  SocketKind kind = SocketKind::stream;
  bool connected = false;         // a datagram socket that has a peer
  bool name_left_behind = false;  // address and port may be those of a failed connect
  bool overrides = false;         // the rule has `override`
  bool for_any_protocol = false;  // the rule has `proto any`
};

/// What is done with the socket.
enum class Way : uint8_t {
  leave_alone,  // nothing: the program has chosen its address
  keep,         // nothing: it has the source address already
  bind,         // bind(2) to the source address, which is expected to succeed
  release,      // bind(2); if that fails, a stream socket's port is freed first
  move,  // connect(2) with AF_UNSPEC takes a datagram socket's port and peer away, then bind(2)
};

/// Decides how a socket that a `bind` rule matches gets its source address.
constexpr Way way_for(const Facts& facts) {
  // A raw socket shows its protocol number as its port. With TCP's number it counts as TCP, but it
  // is not a TCP socket: only a rule for any protocol binds it.
  if (facts.kind == SocketKind::raw && !facts.for_any_protocol) return Way::leave_alone;
  if (facts.owner == Owner::nobody && !facts.has_port) return Way::bind;
  if (facts.owner == Owner::rule) return Way::keep;
  if (facts.kind == SocketKind::datagram) {
    // A datagram socket without a peer has an address only if the program has bound it.
    const bool may_move = facts.connected || facts.owner == Owner::nobody || facts.overrides;
    if (may_move && facts.has_port) return Way::move;
  }
  if (facts.owner == Owner::nobody) return Way::release;
  if (facts.overrides) return facts.has_port ? Way::release : Way::bind;
  if (facts.owner == Owner::other_rule) return Way::bind;
  const bool free = facts.name_left_behind && facts.kind != SocketKind::raw;
  return facts.has_port && free ? Way::bind : Way::leave_alone;
}

}  // namespace clusterbind
