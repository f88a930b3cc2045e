// CLUSTERBIND_FOLLOW: what a cleaned environment lost is put back for the next program.
#pragma once

#include <cstddef>

#include "preload/load.h"

namespace clusterbind {

/// The environment of a program that is about to be started, with what it lacks of ours.
class Environment {
 public:
  explicit Environment(char* const* given);

  /// Whether it is passed on as it is.
  bool complete() const { return complete_; }

  /// Whether the process follows at all.
  bool follows() const { return process_ != nullptr && !process_->kept_environment.empty(); }

  /// Bytes that fill() needs.
  size_t size() const { return pointers_ * sizeof(char*) + text_; }

  /// Makes the new environment in `memory`.
  char* const* fill(void* memory) const;

 private:
  /// Whether the given environment has no variable of the name of `kept`.
  bool lacks(const char* kept) const;

  char* const* given_;
  const Process* process_ = nullptr;
  size_t count_ = 0;               // of given_
  const char* preload_ = nullptr;  // the value of LD_PRELOAD in given_
  size_t preload_index_ = 0;       // where that is; count_ where it is not
  bool merge_ = false;             // LD_PRELOAD lacks our entry
  size_t pointers_ = 0;
  size_t text_ = 0;
  bool complete_ = true;
};

using Run = int (*)(void* context, char* const* environment);

/// What is about to be executed. The program is null where a descriptor names it.
struct Command {
  const char* program;
  char* const* arguments;
};

/// Calls `run` with the environment that the next program gets. The stack alone holds it: this may
/// be the child of a vfork, whose memory is the parent's.
int follow(const Command& command, char* const* given, Run run, void* context);

/// The same for a lambda; one copy of follow() serves all hooks.
template <typename Start>
int followed(const Command& command, char* const* given, Start start) {
  return follow(
      command, given,
      [](void* context, char* const* env) { return (*static_cast<Start*>(context))(env); }, &start);
}

}  // namespace clusterbind
