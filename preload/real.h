// The original of each function that the library defines: libc's, or another preloaded library's.
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

// Declarations that older headers lack: glibc 2.39 has them, and 2.34 those for 32 bits.
extern "C" {
int pidfd_spawn(int* pidfd, const char* path, const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* attributes, char* const argv[], char* const envp[]);
int pidfd_spawnp(int* pidfd, const char* file, const posix_spawn_file_actions_t* actions,
                 const posix_spawnattr_t* attributes, char* const argv[], char* const envp[]);
#ifdef CLUSTERBIND_TIME64_HOOKS
ssize_t __sendmsg64(int fd, const msghdr* header, int flags);
int __sendmmsg64(int fd, mmsghdr* headers, unsigned count, int flags);
#endif
}

namespace clusterbind::real {

/// Looks up all originals (dlsym(3), RTLD_NEXT). Done at load, because dlsym takes a lock.
void resolve();

/// An original function, to be called like the function itself. Looks it up if that has not been
/// done at load yet.
template <typename Function>
class Original {
 public:
  constexpr explicit Original(const char* name) : name_(name) {}

  /// Whether libc has the function; it may be too old.
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

// decltype drops attributes of the declarations, such as nonnull; that is intended.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
#define EXPORT(name)
// NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is declared has none
#define ORIGINAL(name) extern constinit Original<decltype(::name)> name;
#define NEWER(name, minor) ORIGINAL(name)
#include "preload/hooks.def"
#undef NEWER
#undef ORIGINAL
#undef EXPORT
#pragma GCC diagnostic pop

}  // namespace clusterbind::real
