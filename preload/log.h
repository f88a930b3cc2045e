// Writes log lines to syslog, one datagram each, or to standard error. Nothing here waits, and
// nothing is written to a descriptor that was not opened or checked just before. Every function may
// change errno.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/rule.h"
#include "preload/load.h"
#include "preload/target.h"

namespace clusterbind {

/// Whether lines of `level` are logged under these rules.
inline bool logs(const Rules& rules, LogLevel level) {
  return rules.log >= level;
}

/// Call this only if logs() says so: every connection that a rule matches would pay for it.
void log_bound(const Rules& rules, const Rule& rule, const Address& source, const Target& target);
void log_direct(const Rules& rules, const Rule& rule, const Target& target);
void log_no_rule(const Rules& rules, const Target& target);
void log_refused(const Rules& rules, const Rule& rule, const Target& target);

/// No source address of the rule could be bound. What happens now is what the rule's `else` says:
/// the connection is refused, or leaves from the node's address.
[[gnu::cold]] void log_cannot_bind(const Rules& rules, const Rule& rule, const Target& target,
                                   std::string_view reason);

/// The node holds the source address, but it has no ephemeral port left for this destination.
[[gnu::cold]] void log_ports_used_up(const Rules& rules, const Rule& rule, const Address& source,
                                     const Target& target);

/// A connection is refused because the rules are wrong. Only the first one of a process is logged.
[[gnu::cold]] void log_wrong_rules(const Rules& rules, const Target& target);

/// The rule file has changed, but its new content is wrong, so `rules` stay in force.
void log_rejected_rules(const Rules& rules, const Rules& rejected);

/// The program asks systemd to start a unit, which will run without the library. The arguments are
/// the verb and the unit of systemctl(1).
void log_hand_over(const Rules& rules, const char* verb, const char* unit);

/// An error that does not concern a connection.
void log_error(const Rules& rules, std::string_view text);

}  // namespace clusterbind
