// The functions that the program calls instead of libc's. No logic here: each hook passes its
// arguments on, with the original function to call.
#include <alloca.h>
#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include "preload/calls.h"
#include "preload/follow.h"
#include "preload/kernel.h"
#include "preload/load.h"
#include "preload/real.h"
#include "preload/target.h"

using namespace clusterbind;

#define HOOK extern "C" __attribute__((visibility("default")))

namespace {

[[gnu::constructor]] void at_load() {
  rules_in_force();
}

/// A message with MSG_FASTOPEN connects if it has a destination (tcp(7)).
template <typename Real>
ssize_t fast_open(int fd, bool has_target, const Target& target, Real real) {
  if (!has_target) return real();
  return send_by_rules(
      fd, target, {[](void* context) -> long { return (*static_cast<Real*>(context))(); }, &real});
}

template <typename Real>
ssize_t send_message(int fd, const msghdr* header, int flags, const Real& real) {
  if ((flags & MSG_FASTOPEN) == 0) return real(fd, header, flags);
  Target target;
  const bool has_target = read_target(header, target);
  return fast_open(fd, has_target, target, [&] { return real(fd, header, flags); });
}

template <typename Real>
int send_messages(int fd, mmsghdr* headers, unsigned count, int flags, const Real& real) {
  if ((flags & MSG_FASTOPEN) == 0) return real(fd, headers, count, flags);
  Target target;
  const bool has_target = count > 0 && read_target(&headers->msg_hdr, target);
  return static_cast<int>(
      fast_open(fd, has_target, target, [&] { return real(fd, headers, count, flags); }));
}

/// posix_spawn(3), and the functions like it. They return the errno.
template <typename Real>
int spawn(char* const* given, const Real& real, pid_t* result, const char* program,
          const posix_spawn_file_actions_t* actions, const posix_spawnattr_t* attributes,
          char* const argv[]) {
  if (!real.exists()) return ENOSYS;
  return followed({program, argv}, given,
                  [&, result, program, actions, attributes, argv](auto* env) {
                    return real(result, program, actions, attributes, argv, env);
                  });
}

/// execl(3), and the functions like it, whose arguments are a list that ends with NULL. `first` may
/// be that NULL. `has_environment`: the environment follows the list, as in execle().
template <typename Real>
int exec_list(const Real& real, const char* program, const char* first, va_list list,
              bool has_environment) {
  va_list counted;
  va_copy(counted, list);
  size_t count = 1;
  for (const char* next = first; next != nullptr; next = va_arg(counted, const char*)) ++count;
  va_end(counted);
  auto** argv = static_cast<char**>(alloca(count * sizeof(char*)));
  argv[0] = const_cast<char*>(first);
  for (size_t i = 1; i < count; ++i) argv[i] = va_arg(list, char*);
  char* const* given = has_environment ? va_arg(list, char**) : environ;
  return followed({program, argv}, given, [&](auto* env) { return real(program, argv, env); });
}

}  // namespace

// Aligned so that it is in one page with the hot functions of calls.cc, where it goes on: a system
// call may have emptied the TLB.
HOOK __attribute__((hot, aligned(2048))) int connect(int fd, const sockaddr* address,
                                                     socklen_t length) {
  return connect_by_rules(fd, address, length);
}

HOOK int __connect(int fd, const sockaddr* address, socklen_t length)
    __attribute__((alias("connect"), hot));

HOOK ssize_t sendto(int fd, const void* data, size_t size, int flags, const sockaddr* address,
                    socklen_t length) {
  if ((flags & MSG_FASTOPEN) == 0) return real::sendto(fd, data, size, flags, address, length);
  Target target;
  const bool has_target = read_target(address, length, address_most, target);
  return fast_open(fd, has_target, target,
                   [&] { return real::sendto(fd, data, size, flags, address, length); });
}

HOOK ssize_t sendmsg(int fd, const msghdr* header, int flags) {
  return send_message(fd, header, flags, real::sendmsg);
}

HOOK int sendmmsg(int fd, mmsghdr* headers, unsigned count, int flags) {
  return send_messages(fd, headers, count, flags, real::sendmmsg);
}

#ifdef CLUSTERBIND_TIME64_HOOKS
static int not_there() {
  errno = ENOSYS;
  return -1;
}

HOOK ssize_t __sendmsg64(int fd, const msghdr* header, int flags) {
  if (!real::__sendmsg64.exists()) return not_there();
  return send_message(fd, header, flags, real::__sendmsg64);
}

HOOK int __sendmmsg64(int fd, mmsghdr* headers, unsigned count, int flags) {
  if (!real::__sendmmsg64.exists()) return not_there();
  return send_messages(fd, headers, count, flags, real::__sendmmsg64);
}
#endif

HOOK int execl(const char* path, const char* first, ...) noexcept {
  va_list list;
  va_start(list, first);
  const int result = exec_list(real::execve, path, first, list, false);
  va_end(list);
  return result;
}

HOOK int execlp(const char* file, const char* first, ...) noexcept {
  va_list list;
  va_start(list, first);
  const int result = exec_list(real::execvpe, file, first, list, false);
  va_end(list);
  return result;
}

HOOK int execle(const char* path, const char* first, ...) noexcept {
  va_list list;
  va_start(list, first);
  const int result = exec_list(real::execve, path, first, list, true);
  va_end(list);
  return result;
}

HOOK int execv(const char* path, char* const argv[]) noexcept {
  return followed({path, argv}, environ, [=](auto* env) { return real::execve(path, argv, env); });
}

HOOK int execve(const char* path, char* const argv[], char* const envp[]) noexcept {
  return followed({path, argv}, envp, [=](auto* env) { return real::execve(path, argv, env); });
}

HOOK int execvp(const char* file, char* const argv[]) noexcept {
  return followed({file, argv}, environ, [=](auto* env) { return real::execvpe(file, argv, env); });
}

HOOK int execvpe(const char* file, char* const argv[], char* const envp[]) noexcept {
  return followed({file, argv}, envp, [=](auto* env) { return real::execvpe(file, argv, env); });
}

HOOK int execveat(int dir, const char* path, char* const argv[], char* const envp[],
                  int flags) noexcept {
  return followed({path, argv}, envp,
                  [=](auto* env) { return kernel::execveat(dir, path, argv, env, flags); });
}

HOOK int fexecve(int fd, char* const argv[], char* const envp[]) noexcept {
  return followed({nullptr, argv}, envp, [=](auto* env) { return real::fexecve(fd, argv, env); });
}

HOOK int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
                     const posix_spawnattr_t* attributes, char* const argv[], char* const envp[]) {
  return spawn(envp, real::posix_spawn, pid, path, actions, attributes, argv);
}

HOOK int posix_spawnp(pid_t* pid, const char* file, const posix_spawn_file_actions_t* actions,
                      const posix_spawnattr_t* attributes, char* const argv[], char* const envp[]) {
  return spawn(envp, real::posix_spawnp, pid, file, actions, attributes, argv);
}

HOOK int pidfd_spawn(int* pidfd, const char* path, const posix_spawn_file_actions_t* actions,
                     const posix_spawnattr_t* attributes, char* const argv[], char* const envp[]) {
  return spawn(envp, real::pidfd_spawn, pidfd, path, actions, attributes, argv);
}

HOOK int pidfd_spawnp(int* pidfd, const char* file, const posix_spawn_file_actions_t* actions,
                      const posix_spawnattr_t* attributes, char* const argv[], char* const envp[]) {
  return spawn(envp, real::pidfd_spawnp, pidfd, file, actions, attributes, argv);
}
