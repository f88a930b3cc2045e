#include "preload/follow.h"

#include <alloca.h>
#include <errno.h>

#include <cstring>
#include <string_view>

#include "preload/log.h"

namespace clusterbind {
namespace {

constexpr size_t entries_most = 1000;  // a thread's stack may be small
constexpr size_t preload_most = 4096;
constexpr std::string_view preload_prefix = "LD_PRELOAD=";

/// "NAME=" of an entry; empty where it has no name.
std::string_view name_of(const char* entry) {
  const char* equals = std::strchr(entry, '=');
  return equals == nullptr ? std::string_view() : std::string_view(entry, equals + 1);
}

bool has_name(const char* entry, std::string_view name) {
  return std::strncmp(entry, name.data(), name.size()) == 0;
}

/// Whether one of the entries of a list, separated as ld.so(8) does, is `entry`.
bool lists(std::string_view list, std::string_view entry) {
  while (!list.empty()) {
    const size_t end = list.find_first_of(" :");
    if (std::string_view(list.data(), end < list.size() ? end : list.size()) == entry) return true;
    if (end == list.npos) return false;
    list.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace

Environment::Environment(char* const* given) : given_(given) {
  const Rules& rules = rules_in_force();
  process_ = rules.process;
  if (process_ == nullptr || process_->kept_environment.empty()) return;
  while (given != nullptr && given[count_] != nullptr) {
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
    text = stpcpy(stpcpy(text, preload_prefix.data()), process_->preload_entry);
    if (preload_ != nullptr && *preload_ != '\0') stpcpy(stpcpy(text, ":"), preload_);
  }
  result[count] = nullptr;
  return result;
}

int follow(char* const* given, Run run, void* context) {
  const int error = errno;
  const Environment environment(given);
  errno = error;
  if (environment.complete()) return run(context, given);
  return run(context, environment.fill(alloca(environment.size())));
}

}  // namespace clusterbind
