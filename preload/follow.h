// CLUSTERBIND_FOLLOW: puts the library's variables back if the program starts another one with a
// cleaned environment.
#pragma once

#include <cstddef>

#include "preload/load.h"

namespace clusterbind {

/// The environment of a program that is about to be started, and which of the library's variables
/// it lacks.
class Environment {
 public:
  explicit Environment(char* const* given);

  /// Whether it lacks nothing, and is passed on as it is.
  bool complete() const { return complete_; }

  /// Whether CLUSTERBIND_FOLLOW is 1 in this process.
  bool follows() const { return process_ != nullptr && !process_->kept_environment.empty(); }

  /// The bytes that fill() needs.
  size_t size() const { return pointers_ * sizeof(char*) + text_; }

  /// Makes the new environment in `memory` and returns it.
  char* const* fill(void* memory) const;

 private:
  /// Whether the given environment has no variable with the name of `kept` ("NAME=value").
  bool lacks(const char* kept) const;

  char* const* given_;
  const Process* process_ = nullptr;
  size_t count_ = 0;               // the entries of given_
  const char* preload_ = nullptr;  // the value of LD_PRELOAD in given_
  size_t preload_index_ = 0;       // the index of that entry; count_ if there is none
  bool merge_ = false;             // LD_PRELOAD is there, but lacks the library
  size_t pointers_ = 0;
  size_t text_ = 0;
  bool complete_ = true;
};

using Run = int (*)(void* context, char* const* environment);

/// What is about to be executed. `program` is null if a descriptor stands for it (fexecve(3)).
struct Command {
  const char* program;
  char* const* arguments;
};

/// Calls `run` with the environment for the next program. That environment is only on the stack,
/// because this may be the child of a vfork(2), which shares its parent's memory.
int follow(const Command& command, char* const* given, Run run, void* context);

/// The same for a lambda. follow() is not a template, so all hooks share one copy of it.
template <typename Start>
int followed(const Command& command, char* const* given, Start start) {
  return follow(
      command, given,
      [](void* context, char* const* env) { return (*static_cast<Start*>(context))(env); }, &start);
}

}  // namespace clusterbind
