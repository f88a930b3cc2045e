// An ordinary program that starts a shell by each of the exec functions, with a cleaned
// environment. The shell prints which of our variables it has.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

const char* const shell = "/bin/sh";
char command[] = "/usr/bin/env | /usr/bin/grep -E '^(CLUSTERBIND_|LD_PRELOAD)' | /usr/bin/sort";
char name[] = "sh";
char flag[] = "-c";
char* arguments[] = {name, flag, command, nullptr};
char own_rules[] = "CLUSTERBIND_RULES=direct";
char own_preload[] = "LD_PRELOAD=" EARLY;
char our_preload[] = "LD_PRELOAD=" LIBRARY;
char sanitizer[] = "LD_PRELOAD=" EARLY "/libasan.so.8";
char sanitizers[] = "LD_PRELOAD=/nowhere/libubsan.so.1:/nowhere/libclang_rt.asan-x86_64.so " EARLY;
char* nothing[] = {nullptr};
char* with_rules[] = {own_rules, nullptr};
char* with_preload[] = {own_preload, nullptr};
char* with_sanitizer[] = {sanitizer, nullptr};
char* with_sanitizers[] = {sanitizers, nullptr};
char blank[] = "LD_PRELOAD= /nowhere/libasan.so.8";
char* with_blank[] = {blank, nullptr};
char* with_ours[] = {our_preload, nullptr};

int wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return status == 0 ? 0 : 1;
}

int spawn(decltype(&posix_spawn) function) {
  pid_t child = 0;
  return function(&child, shell, nullptr, nullptr, arguments, nothing) == 0 ? wait_for(child) : 1;
}

/// pidfd_spawn(3) of glibc 2.39; older headers and libraries lack it.
int spawn_with_pidfd(const char* function_name) {
  const auto function =
      reinterpret_cast<decltype(&posix_spawn)>(dlsym(RTLD_DEFAULT, function_name));
  if (function == nullptr) return 3;
  int pidfd = -1;
  const int error = function(&pidfd, shell, nullptr, nullptr, arguments, nothing);
  if (error != 0) {
    std::printf("%s\n", strerrorname_np(error));
    return 0;
  }
  siginfo_t info = {};
  waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED);
  return info.si_status;
}

int start_badly() {
  auto* nowhere = reinterpret_cast<char*>(8);  // NOLINT(performance-no-int-to-ptr)
  char* const bad[] = {nowhere, nullptr};
  execve(shell, arguments, reinterpret_cast<char**>(nowhere));
  std::printf("%s\n", strerrorname_np(errno));
  execve(shell, arguments, bad);
  std::printf("%s\n", strerrorname_np(errno));
  return 0;
}

int start_many(size_t count) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < count; ++i) texts.push_back("N" + std::to_string(i) + "=");
  std::vector<char*> many;
  for (std::string& text : texts) many.push_back(text.data());
  many.push_back(nullptr);
  return execve(shell, arguments, many.data());
}

void* start_on_small_stack(void*) {
  execve(shell, arguments, nothing);
  return nullptr;
}

int small_stack() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 16384);
  pthread_t thread;
  if (pthread_create(&thread, &attributes, start_on_small_stack, nullptr) != 0) return 1;
  pthread_join(thread, nullptr);
  return 1;
}

int forked() {
  const pid_t child = vfork();
  if (child == 0) {
    execve(shell, arguments, nothing);
    _exit(127);
  }
  return wait_for(child);
}

int start(const std::string& how) {
  if (how == "execve") return execve(shell, arguments, nothing);
  if (how == "execvpe") return execvpe(shell, arguments, nothing);
  if (how == "execle") return execle(shell, name, flag, command, nullptr, nothing);
  if (how == "execveat") return execveat(AT_FDCWD, shell, arguments, nothing, 0);
  if (how == "fexecve") return fexecve(open(shell, O_RDONLY), arguments, nothing);
  if (how == "posix_spawn") return spawn(posix_spawn);
  if (how == "posix_spawnp") return spawn(posix_spawnp);
  if (how == "pidfd_spawn" || how == "pidfd_spawnp") return spawn_with_pidfd(how.c_str());
  if (how == "sanitizer") return execve(shell, arguments, with_sanitizer);
  if (how == "blank sanitizer") return execve(shell, arguments, with_blank);
  if (how == "bad") return start_badly();
  if (how == "sanitizers") return execve(shell, arguments, with_sanitizers);
  if (how == "null") return execve(shell, arguments, nullptr);
  if (how == "own rules") return execve(shell, arguments, with_rules);
  if (how == "own preload") return execve(shell, arguments, with_preload);
  if (how == "our preload") return execve(shell, arguments, with_ours);
  if (how == "1000") return start_many(1000);
  if (how == "1001") return start_many(1001);
  if (how == "vfork") return forked();
  if (how == "small stack") return small_stack();
  environ = nothing;
  if (how == "execl") return execl(shell, name, flag, command, nullptr);
  if (how == "execlp") return execlp(shell, name, flag, command, nullptr);
  if (how == "execv") return execv(shell, arguments);
  if (how == "execvp") return execvp(shell, arguments);
  return 2;
}

}  // namespace

int main(int, char** argv) {
  return start(argv[1]) == 0 ? 0 : 1;
}
