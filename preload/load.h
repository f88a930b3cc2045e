// The rules of this process: read when the library is loaded, or by the first call that comes
// before that, and again where `reload on` says so.
#pragma once

#include <atomic>
#include <span>

#include "config/ruleset.h"
#include "preload/process.h"
#include "preload/target.h"

namespace clusterbind {

/// The rules in force. Never changed and never given back: another thread, or a frame that a signal
/// handler left behind, may read them at any time.
struct Rules {
  bool silent = false;  // nothing is to be done, or logged, where no rule acts
  bool spread = false;
  bool idle = false;     // no rules, or none of this program's business
  bool wrong = false;    // refuse every TCP connection outside loopback
  bool watched = false;  // the rule file is looked at again: `reload on`, or it is wrong
  LogLevel log = LogLevel::error;
  std::span<const Rule> list{&refuse_all, 1};  // what a Match tells the rules of
  std::span<const Address> sources;            // of the rules with several (config/rule.h)
  Ruleset ruleset;
  const Process* process = nullptr;
  const char* name = "";     // the file, or CLUSTERBIND_RULES
  const char* message = "";  // what is wrong
  FileIdentity file;

  /// The rules that a destination meets, also where they are wrong.
  Match match(const Target& target) const {
    return wrong ? match_wrong(target) : ruleset.lookup(target.address, target.port);
  }

 private:
  static const Rule refuse_all;
  static Match match_wrong(const Target& target);
};

extern constinit std::atomic<const Rules*> in_force;

/// Loads the rules. Lock-free; may be called in a signal handler.
const Rules& load_rules();

/// The rules in force, loaded if need be.
inline const Rules& rules_in_force() {
  const Rules* rules = in_force.load(std::memory_order_acquire);
  return rules != nullptr ? *rules : load_rules();
}

/// `rules`, or those that a look at the rule file has brought into force, if it is time for one.
const Rules& rules_after_look(const Rules& rules);

/// The rules in force, after a look at the rule file where it is watched and the time has come.
inline const Rules& rules_for_connection() {
  const Rules& rules = rules_in_force();
  return rules.watched ? rules_after_look(rules) : rules;
}

}  // namespace clusterbind
