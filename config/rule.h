// What one statement of the rule language means once it is read.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/address.h"

namespace clusterbind {

enum class Action : uint8_t { bind, direct, refuse };

/// The `proto` clause of a rule.
enum class ProtocolClause : uint8_t { tcp, udp, any };

/// What a socket speaks, as far as rules tell it apart; MPTCP is tcp.
enum class Protocol : uint8_t { tcp, udp, other };
constexpr unsigned protocol_count = 3;

enum class Fallback : uint8_t { refuse, direct };

/// A rule's part that decides what is done; what it matches is kept beside it. Half a cache line.
struct Rule {
  uint64_t ipv6_high = 0;  // the source addresses of a bind rule, as in Address
  uint64_t ipv6_low = 0;
  uint32_t ipv4 = 0;
  uint32_t line = 0;  // of the action's word, from 1
  Action action = Action::direct;
  ProtocolClause protocol = ProtocolClause::tcp;
  Fallback fallback = Fallback::refuse;
  bool override_program = false;
  bool has_ipv4 = false;
  bool has_ipv6 = false;
};
static_assert(sizeof(Rule) == 32);

constexpr bool covers(ProtocolClause clause, Protocol protocol) {
  return clause == ProtocolClause::any ||
         (clause == ProtocolClause::tcp && protocol == Protocol::tcp) ||
         (clause == ProtocolClause::udp && protocol == Protocol::udp);
}

/// Whether the rule can match destinations of this family: a bind rule needs a source of it.
constexpr bool serves(const Rule& rule, Family family) {
  return rule.action != Action::bind || (family == Family::ipv4 ? rule.has_ipv4 : rule.has_ipv6);
}

/// The source address that a bind rule has for a family that it serves.
constexpr Address source_of(const Rule& rule, Family family) {
  if (family == Family::ipv4) return {0, rule.ipv4, Family::ipv4};
  return {rule.ipv6_high, rule.ipv6_low, Family::ipv6};
}

/// Gives a bind rule its source address of one family.
constexpr void set_source(Rule& rule, const Address& source) {
  if (source.family == Family::ipv4) {
    rule.ipv4 = static_cast<uint32_t>(source.low);
    rule.has_ipv4 = true;
  } else {
    rule.ipv6_high = source.high;
    rule.ipv6_low = source.low;
    rule.has_ipv6 = true;
  }
}

/// One element of a `to` list. `any` is every address of both families but loopback.
struct Destination {
  [[no_unique_address]] Address first;  // whose last bytes are free
  uint8_t length = 0;
  bool any = false;
};

/// One element of a `port` list: low to high, both included.
struct PortRange {
  uint16_t low = 0;
  uint16_t high = 0;
};

enum class LogLevel : uint8_t { off, error, info, debug };

/// The settings of a rule file.
struct Settings {
  LogLevel log = LogLevel::error;
  bool log_given = false;
  bool ports_spread = false;
  bool reload = false;
  bool only = false;  // an `only` statement is there
};

}  // namespace clusterbind
