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
  const Process* process = nullptr;
  Ruleset ruleset;
  const char* name = "";  // the file, or CLUSTERBIND_RULES
  FileIdentity file;
  LogLevel log = LogLevel::error;
  bool idle = false;   // no rules, or none of this program's business
  bool wrong = false;  // refuse every TCP connection outside loopback
  bool spread = false;
  bool reload = false;
  bool silent = false;     // nothing is to be done, or logged, where no rule acts
  char message[384] = {};  // what is wrong

  /// The rules that a destination meets, also where they are wrong.
  Match match(const Target& target) const;
  std::span<const Rule> list() const;
};

extern constinit std::atomic<const Rules*> in_force;

/// Whether, at a glance, the library has nothing to do with a connection: the way of most calls.
/// Asked of IPv4 inside the hook, and of IPv6 behind it, so that the hook needs no stack.
inline bool is_none_of_ours_ipv4(const Target& target) {
  const Rules* rules = in_force.load(std::memory_order_acquire);
  return target.address.family == Family::ipv4 && rules != nullptr && rules->silent &&
         rules->ruleset.is_outside_ipv4(static_cast<uint32_t>(target.address.low), target.port);
}
inline bool is_none_of_ours_ipv6(const Rules& rules, const Target& target) {
  return target.address.family == Family::ipv6 && rules.silent &&
         rules.ruleset.is_outside(target.address, target.port);
}

/// The rules in force, loaded if need be. Lock-free; may be called in a signal handler.
const Rules& rules_in_force();

/// The same, after a look at the rule file where `reload on` and the time ask for it.
const Rules& rules_for_connection();

}  // namespace clusterbind
