// One line, one datagram. Nothing here waits, and nothing is written to a descriptor that was not
// checked or opened just then. Every function may change errno.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/rule.h"
#include "preload/load.h"
#include "preload/target.h"

namespace clusterbind {

/// Whether lines of `level` go out for these rules.
inline bool logs(const Rules& rules, LogLevel level) {
  return rules.log >= level;
}

/// To be called where logs() says so: it is on the way of every match.
void log_bound(const Rules& rules, const Rule& rule, const Address& source, const Target& target);
void log_direct(const Rules& rules, const Rule& rule, const Target& target);
void log_no_rule(const Rules& rules, const Target& target);
void log_refused(const Rules& rules, const Rule& rule, const Target& target);

/// No source address of the rule could be bound: as the rule's fallback says: refused, or from the
/// node's address.
[[gnu::cold]] void log_cannot_bind(const Rules& rules, const Rule& rule, const Target& target,
                                   std::string_view reason);

/// The node holds the source, but has no port left there for this destination.
[[gnu::cold]] void log_ports_used_up(const Rules& rules, const Rule& rule, const Address& source,
                                     const Target& target);

/// A refusal because the rules are wrong. Only the first of a process is logged.
[[gnu::cold]] void log_wrong_rules(const Rules& rules, const Target& target);

/// A broken edit of the rule file: `rules` stay in force, right or wrong.
void log_rejected_rules(const Rules& rules, const Rules& rejected);

/// Something that the program starts through a service manager goes without the library: the verb
/// and the unit of systemctl(1).
void log_hand_over(const Rules& rules, const char* verb, const char* unit);

/// An error that belongs to no connection.
void log_error(const Rules& rules, std::string_view text);

}  // namespace clusterbind
