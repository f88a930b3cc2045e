// The next definition of each symbol that we define: libc's, or that of another preloaded library.
#pragma once

#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>

// Programs with 64-bit time on a 32-bit architecture send messages by names of their own
// (glibc 2.34, include/sys/socket.h).
#if defined(__GLIBC__) && __SIZEOF_LONG__ == 4
#define CLUSTERBIND_TIME64_HOOKS
#endif

namespace clusterbind::real {

/// Resolves all of them (dlsym(3), RTLD_NEXT). Done at load, because dlsym takes a lock.
void resolve();

/// A function that is called as the original is. Resolves itself where load has not come to it yet.
template <typename Function>
class Original {
 public:
  constexpr explicit Original(const char* name) : name_(name) {}

  /// Whether there is such a function: libc may be too old for it.
  bool exists() const {
    if (function_.load(std::memory_order_relaxed) == nullptr) resolve();
    return function_.load(std::memory_order_relaxed) != nullptr;
  }

  template <typename... Arguments>
  auto operator()(Arguments... arguments) const {
    Function* function = function_.load(std::memory_order_relaxed);
    if (function == nullptr) [[unlikely]]
      return first_call(arguments...);
    return function(arguments...);
  }

 private:
  friend void resolve();

  template <typename... Arguments>
  [[gnu::noinline, gnu::cold]] auto first_call(Arguments... arguments) const {
    resolve();
    return function_.load(std::memory_order_relaxed)(arguments...);
  }

  const char* name_;
  std::atomic<Function*> function_ = nullptr;
};

// The attributes of the declarations (nonnull) are no part of what is called.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
extern constinit Original<decltype(::connect)> connect;
extern constinit Original<decltype(::sendto)> sendto;
extern constinit Original<decltype(::sendmsg)> sendmsg;
extern constinit Original<decltype(::sendmmsg)> sendmmsg;
extern constinit Original<decltype(::execvpe)> execvpe;
extern constinit Original<decltype(::execve)> execve;
extern constinit Original<decltype(::execveat)> execveat;
extern constinit Original<decltype(::fexecve)> fexecve;
extern constinit Original<decltype(::posix_spawn)> posix_spawn;
extern constinit Original<decltype(::posix_spawnp)> posix_spawnp;
extern constinit Original<decltype(::posix_spawn)>
    pidfd_spawn;  // the same, but for the first argument
extern constinit Original<decltype(::posix_spawnp)> pidfd_spawnp;
#ifdef CLUSTERBIND_TIME64_HOOKS
extern constinit Original<decltype(::sendmsg)> sendmsg64;
extern constinit Original<decltype(::sendmmsg)> sendmmsg64;
#endif
#pragma GCC diagnostic pop

}  // namespace clusterbind::real
