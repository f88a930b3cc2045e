// The rules of this process: read when the library is loaded, or by the first call that comes
// before that, and again with `reload on`.
#pragma once

#include <atomic>
#include <span>

#include "config/ruleset.h"
#include "preload/process.h"
#include "preload/target.h"

namespace clusterbind {

/// The rules in force. They are never changed or freed, because another thread, or a function that
/// a signal handler has interrupted, may read them at any time.
struct Rules {
  bool silent = false;  // a connection that no rule acts on needs nothing, not even a log line
  bool spread = false;
  bool inactive = false;  // there are no rules, or `only` leaves this program alone
  bool wrong = false;     // refuse every TCP connection outside loopback
  bool watched = false;   // the rule file is looked at again: `reload on`, or it is wrong
  LogLevel log = LogLevel::error;
  // The last IPv4 source address that was no broadcast address (connection.cc). It is here because
  // every match reads this cache line.
  mutable uint32_t no_broadcast = 0;
  std::span<const Rule> list{&refuse_all, 1};  // a Match holds indexes into this
  std::span<const Address> sources;            // of rules that have a list of them (config/rule.h)
  Ruleset ruleset;
  const Process* process = nullptr;
  const char* name = "";     // the file, or CLUSTERBIND_RULES
  const char* message = "";  // what is wrong
  FileIdentity file;

  /// The rules that match a destination. If the rule file is wrong, that is one that refuses.
  Match match(const Target& target) const {
    return wrong ? match_wrong(target) : ruleset.lookup(target.address, target.port);
  }

 private:
  static const Rule refuse_all;
  static Match match_wrong(const Target& target);
};

extern constinit std::atomic<const Rules*> in_force;

/// Loads the rules for the first time. Lock-free; may be called in a signal handler.
const Rules& load_rules();

/// The rules in force. Loads them if that has not happened yet.
inline const Rules& rules_in_force() {
  const Rules* rules = in_force.load(std::memory_order_acquire);
  return rules != nullptr ? *rules : load_rules();
}

/// Looks at the rule file if the last look was a second ago or more. Returns the rules that are
/// then in force: `rules`, or new ones.
const Rules& rules_after_look(const Rules& rules);

/// The rules in force for a new connection. Looks at the rule file first if it is watched.
inline const Rules& rules_for_connection() {
  const Rules& rules = rules_in_force();
  return rules.watched ? rules_after_look(rules) : rules;
}

}  // namespace clusterbind
