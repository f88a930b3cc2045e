#include "preload/load.h"

#include <errno.h>

#include <atomic>
#include <new>

#include "preload/build.h"
#include "preload/clock.h"
#include "preload/log.h"
#include "preload/memory.h"
#include "preload/presence.h"
#include "preload/real.h"

namespace clusterbind {

constinit std::atomic<const Rules*> in_force = nullptr;

namespace {

constexpr Rule make_refuse_all() {
  Rule rule;
  rule.action = Action::refuse;
  return rule;
}

/// The rules in force if the kernel has no memory for rules.
constinit const Process no_process = {};
constexpr Rules make_no_memory() {
  Rules rules;
  rules.process = &no_process;
  rules.wrong = true;
  rules.message = "no memory for the rules";
  return rules;
}
constinit const Rules no_memory = make_no_memory();

/// Asks the kernel, at load, what may be impossible to ask later: the process may have no
/// descriptor left by then, or another root directory. IPv4 needs no such question, because the
/// kernel itself refuses to send from a source address that the node does not hold.
void learn_for(const Rules& rules, Process& process) {
  if (rules.ruleset.has_source(Family::ipv6)) learn_bind_of_anything(Family::ipv6);
  if (!rules.inactive) identify("/", process.root);
}

constexpr int64_t look_again_ms = 1000;
constexpr int64_t settle_ms = 2000;
// A look at the rule file that never ended counts as over after this time. It never ends if a
// signal handler jumps out of it, or if the process forks while another thread looks.
constexpr int64_t abandoned_ms = 60'000;

constinit std::atomic<int64_t> next_look_ms = 0;

/// The rule file as it was last seen with new content. Only the thread that is looking uses it.
struct Candidate {
  FileIdentity file;
  int64_t since_ms = 0;
  bool rejected = false;
};
constinit Candidate candidate;

bool root_is_the_same(const Process& process) {
  FileIdentity root;
  return identify("/", root) && root.same_file(process.root);
}

/// Whether the file is complete: this process has seen it unchanged for two seconds, or it was last
/// changed more than two seconds ago.
bool is_settled(int64_t now) {
  if (now - candidate.since_ms >= settle_ms) return true;
  return wall_clock_ms() - milliseconds(candidate.file.changed) > settle_ms;
}

void look(const Rules& rules, int64_t now) {
  FileIdentity file;
  if (!root_is_the_same(*rules.process) || !identify(rules.name, file)) return;
  if (file == rules.file) {
    candidate = {};
    return;
  }
  if (!(file == candidate.file)) candidate = {file, now, false};
  if (candidate.rejected || !is_settled(now)) return;
  const Rules* found = build_rules_from(*rules.process, rules.name, &file);
  if (found == nullptr) return;  // the file was replaced meanwhile: the next look sees the new one
  if (!found->wrong) {
    in_force.store(found, std::memory_order_release);
    candidate = {};
    return;
  }
  candidate.rejected = true;
  log_rejected_rules(rules, *found);
}

}  // namespace

constinit const Rule Rules::refuse_all = make_refuse_all();

Match Rules::match_wrong(const Target& target) {
  Match match;
  if (!is_loopback(target.address) && !is_wildcard(target.address)) {
    match.first[static_cast<unsigned>(Protocol::tcp)] = 0;
  }
  return match;
}

/// Reads the rules and puts them in force, unless another thread, or a signal handler that
/// interrupted this function, has done that first.
const Rules& load_rules() {
  const int error = errno;
  real::resolve();
  Pages pages(sizeof(Process), &own.scratch);
  const Rules* rules = nullptr;
  if (pages) {
    Process& process = *new (pages.all().data()) Process;
    rules = build_rules(process);
    if (rules != nullptr) learn_for(*rules, process);
    pages.keep_all();
  }
  if (rules == nullptr) rules = &no_memory;
  const Rules* first = nullptr;
  if (!in_force.compare_exchange_strong(first, rules)) rules = first;
  errno = error;
  return *rules;
}

const Rules& rules_after_look(const Rules& rules) {
  const int64_t now = now_ms();
  int64_t due = next_look_ms.load(std::memory_order_relaxed);
  if (now < due || !next_look_ms.compare_exchange_strong(due, now + abandoned_ms)) return rules;
  const int error = errno;
  look(rules, now);
  errno = error;
  next_look_ms.store(now + look_again_ms, std::memory_order_release);
  return rules_in_force();
}

}  // namespace clusterbind
