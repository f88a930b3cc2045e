// What one statement of the rule language means after it was parsed.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "config/address.h"

namespace clusterbind {

enum class Action : uint8_t { bind, direct, refuse };

/// The `proto` clause of a rule.
enum class ProtocolClause : uint8_t { tcp, udp, any };

/// The protocol of a socket, as far as rules distinguish it; MPTCP is tcp.
enum class Protocol : uint8_t { tcp, udp, other };
constexpr unsigned protocol_count = 3;

enum class Fallback : uint8_t { refuse, direct };

/// The `pick` clause of a rule: which of the source addresses that the node holds is taken.
enum class Pick : uint8_t { first, random };

/// The most source addresses that one rule can have.
constexpr unsigned sources_most = 64;

/// What a rule does with a connection. What it matches is in Clauses (parse.h). A Rule takes half a
/// cache line.
struct Rule {
  uint64_t ipv6_high = 0;  // the first source address of each family, as in Address
  uint64_t ipv6_low = 0;
  uint32_t ipv4 = 0;
  uint32_t line = 0;  // of the action's keyword, from 1
  // If the rule has several source addresses of one family: the index of the first of its addresses
  // in ParsedRules::sources, and how many it has. Otherwise the count is 0.
  uint32_t list_first : 25 = 0;
  uint32_t list_count : 7 = 0;
  Action action = Action::direct;
  ProtocolClause protocol = ProtocolClause::tcp;
  Fallback fallback = Fallback::refuse;
  bool override_program : 1 = false;
  bool has_ipv4 : 1 = false;
  bool has_ipv6 : 1 = false;
  bool picks_at_random : 1 = false;
};
static_assert(sizeof(Rule) == 32);

constexpr bool covers(ProtocolClause clause, Protocol protocol) {
  return clause == ProtocolClause::any ||
         (clause == ProtocolClause::tcp && protocol == Protocol::tcp) ||
         (clause == ProtocolClause::udp && protocol == Protocol::udp);
}

/// Whether the rule can match destinations of this family. A bind rule can only if it has a source
/// address of the family.
constexpr bool serves(const Rule& rule, Family family) {
  return rule.action != Action::bind || (family == Family::ipv4 ? rule.has_ipv4 : rule.has_ipv6);
}

/// The source address of a bind rule for a family that the rule serves.
constexpr Address source_of(const Rule& rule, Family family) {
  if (family == Family::ipv4) return {0, rule.ipv4, Family::ipv4};
  return {rule.ipv6_high, rule.ipv6_low, Family::ipv6};
}

/// All source addresses of a bind rule that has several of one family, in the order of its text.
/// Empty for every other rule. `sources` is ParsedRules::sources.
constexpr std::span<const Address> list_of(const Rule& rule, std::span<const Address> sources) {
  return sources.subspan(rule.list_first, rule.list_count);
}

/// Whether `address` is one of a bind rule's source addresses.
constexpr bool names_source(const Rule& rule, std::span<const Address> sources,
                            const Address& address) {
  if (serves(rule, address.family) && source_of(rule, address.family) == address) return true;
  for (const Address& source : list_of(rule, sources)) {
    if (source == address) return true;
  }
  return false;
}

/// Gives a bind rule its first source address of one family.
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

/// One element of a `to` list. `any` is every address of both families except loopback.
struct Destination {
  [[no_unique_address]] Address first;  // its unused last bytes hold the members below
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
  bool only = false;  // the file has an `only` statement
};

}  // namespace clusterbind
