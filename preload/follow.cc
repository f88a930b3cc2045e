#include "preload/follow.h"

#include <alloca.h>
#include <errno.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string_view>

#include "preload/handover.h"
#include "preload/log.h"
#include "preload/preload_list.h"
#include "preload/target.h"

namespace clusterbind {
namespace {

constexpr size_t entries_most = 1000;  // because a thread's stack may be small
constexpr size_t preload_most = 4096;
constexpr std::string_view preload_prefix = "LD_PRELOAD=";

/// The part "NAME=" of an entry; empty if there is no `=`.
std::string_view name_of(const char* entry) {
  const char* equals = std::strchr(entry, '=');
  return equals == nullptr ? std::string_view() : std::string_view(entry, equals + 1);
}

bool has_name(const char* entry, std::string_view name) {
  return std::strncmp(entry, name.data(), name.size()) == 0;
}

/// Whether one of the entries of a list is `entry`.
bool lists(std::string_view list, std::string_view entry) {
  while (!list.empty()) {
    if (take_entry(list) == entry) return true;
  }
  return false;
}

/// Whether an entry is a sanitizer's runtime, of GCC or clang. The address sanitizer ends the
/// program if its runtime does not come first.
bool is_sanitizer(std::string_view entry) {
  entry.remove_prefix(entry.rfind('/') + 1);  // npos + 1 is 0
  constexpr std::string_view runtimes[] = {"libasan.", "libhwasan.", "liblsan.",
                                           "libtsan.", "libubsan.",  "libclang_rt."};
  return std::any_of(std::begin(runtimes), std::end(runtimes),
                     [=](std::string_view runtime) { return entry.starts_with(runtime); });
}

/// The length of the sanitizers' runtimes at the beginning of a list, including the separators.
size_t sanitizers_in_front(std::string_view list) {
  const size_t all = list.size();
  size_t taken = 0;
  while (!list.empty()) {
    const std::string_view entry = take_entry(list);
    if (!entry.empty() && !is_sanitizer(entry)) break;
    taken = all - list.size();
  }
  return taken;
}

}  // namespace

Environment::Environment(char* const* given) : given_(given) {
  const Rules& rules = rules_in_force();
  process_ = rules.process;
  if (process_ == nullptr || process_->kept_environment.empty()) return;
  if (given != nullptr && is_nowhere(given)) return;
  while (given != nullptr && given[count_] != nullptr) {
    if (is_nowhere(given[count_])) return;  // the kernel refuses it with EFAULT
    if (++count_ > entries_most) {
      log_error(rules, "environment too large to follow");
      return;
    }
  }
  preload_index_ = count_;
  for (size_t i = 0; i < count_; ++i) {
    if (!has_name(given[i], preload_prefix)) continue;
    preload_ = given[i] + preload_prefix.size();
    preload_index_ = i;
  }
  const char* ours = process_->preload_entry;
  merge_ = ours != nullptr && (preload_ == nullptr || !lists(preload_, ours));
  size_t lacking = 0;
  for (const char* kept : process_->kept_environment) lacking += lacks(kept) ? 1 : 0;
  if (!merge_ && lacking == 0) return;
  pointers_ = count_ + lacking + 2;  // LD_PRELOAD and the NULL
  if (merge_) {
    text_ = preload_prefix.size() + std::strlen(ours) + 1;
    if (preload_ != nullptr) text_ += 1 + std::strlen(preload_);
    if (text_ > preload_most) {
      log_error(rules, "LD_PRELOAD too long to follow");
      return;
    }
  }
  complete_ = false;
}

bool Environment::lacks(const char* kept) const {
  const std::string_view name = name_of(kept);
  for (size_t i = 0; i < count_; ++i) {
    if (has_name(given_[i], name)) return false;
  }
  return true;
}

char* const* Environment::fill(void* memory) const {
  auto** result = static_cast<char**>(memory);
  size_t count = 0;
  for (; count < count_; ++count) result[count] = given_[count];
  for (const char* kept : process_->kept_environment) {
    if (lacks(kept)) result[count++] = const_cast<char*>(kept);
  }
  if (merge_) {
    char* text = reinterpret_cast<char*>(result + pointers_);
    const bool replaces = preload_index_ < count_;
    result[replaces ? preload_index_ : count] = text;
    if (!replaces) ++count;
    text = stpcpy(text, preload_prefix.data());
    const std::string_view given = preload_ == nullptr ? std::string_view() : preload_;
    const size_t ahead = sanitizers_in_front(given);
    const bool is_last = ahead > 0 && ahead == given.size();
    text = std::copy_n(given.data(), ahead, text);
    if (is_last) *text++ = ':';
    text = stpcpy(text, process_->preload_entry);
    if (ahead < given.size()) stpcpy(stpcpy(text, ":"), preload_ + ahead);
  }
  result[count] = nullptr;
  return result;
}

int follow(const Command& command, char* const* given, Run run, void* context) {
  const int error = errno;
  const Environment environment(given);
  if (environment.follows()) {
    note_hand_over(rules_in_force(), command.program, command.arguments);
  }
  errno = error;
  if (environment.complete()) return run(context, given);
  return run(context, environment.fill(alloca(environment.size())));
}

}  // namespace clusterbind
