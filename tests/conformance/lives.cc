// Programs that connect at unusual moments: lives CASE. Each case runs in a child process. The
// parent is the listener, and prints how many connections came, from which addresses, and what was
// sent (nothing should be). lives.sh runs it plain and under the library.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "tests/support/network.h"

namespace clusterbind::test {
namespace {

constexpr uint16_t port = 2525, full_port = 2526;
const char* self = "";

sockaddr_in loopback(uint16_t to) {
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(to);
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return name;
}

int connected(uint16_t to, int protocol = 0) {
  const int fd = socket(AF_INET, SOCK_STREAM, protocol);
  const sockaddr_in name = loopback(to);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0) return fd;
  close(fd);
  return -1;
}

void once() {
  close(connected(port));
}

/// Calls the hook without a connection that the listener sees.
void connect_to_nobody() {
  close(connected(1));
}

// --- signals

volatile sig_atomic_t from_handler = 0;
constexpr int handled = 200;

void connect_in_handler(int) {
  const int error = errno;
  if (from_handler < handled) {
    once();
    from_handler = from_handler + 1;
  }
  errno = error;
}

void tick(void (*handler)(int), long microseconds) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, nullptr);
  const itimerval every = {{0, microseconds}, {0, microseconds}};
  setitimer(ITIMER_REAL, &every, nullptr);
}

void signal_in_malloc() {
  tick(connect_in_handler, 500);
  while (from_handler < handled) {
    void* volatile memory = malloc(100);
    free(memory);
  }
}

/// Connects without a pause, so that many signals arrive inside a hook.
void signal_in_hook() {
  tick(connect_in_handler, 200);
  int own = 0;
  for (; from_handler < handled || own < 500; ++own) {
    if (own < 500) {
      once();
    } else {
      connect_to_nobody();
    }
  }
}

sigjmp_buf out;

void leave(int) {
  siglongjmp(out, 1);
}

void leave_once() {
  struct sigaction action = {};
  action.sa_handler = leave;
  sigaction(SIGALRM, &action, nullptr);
  if (sigsetjmp(out, 1) != 0) return;
  const itimerval soon = {{0, 0}, {0, 20000}};
  setitimer(ITIMER_REAL, &soon, nullptr);
  connected(full_port);  // waits until a signal handler jumps out of it
}

void left_by_longjmp() {
  for (int i = 0; i < 5; ++i) {
    leave_once();
    once();
  }
}

// --- threads

void* forever_malloc(void*) {
  for (;;) {
    void* volatile memory = malloc(5000);
    free(memory);
  }
  return nullptr;
}

void* forever_connect(void*) {
  for (;;) connect_to_nobody();
  return nullptr;
}

void fork_among_threads() {
  pthread_t thread;
  for (int i = 0; i < 2; ++i) pthread_create(&thread, nullptr, forever_malloc, nullptr);
  for (int i = 0; i < 2; ++i) pthread_create(&thread, nullptr, forever_connect, nullptr);
  for (int i = 0; i < 30; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(5);
      once();
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  }
}

void* five(void*) {
  for (int i = 0; i < 5; ++i) once();
  return nullptr;
}

void run_thread(size_t stack, void* (*body)(void*), int count) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (stack != 0) pthread_attr_setstacksize(&attributes, stack);
  pthread_t threads[64];
  for (int i = 0; i < count; ++i) pthread_create(&threads[i], &attributes, body, nullptr);
  for (int i = 0; i < count; ++i) pthread_join(threads[i], nullptr);
}

void many_threads() {
  run_thread(0, five, 64);
}
void small_stack() {
  run_thread(16384, five, 1);
}

void* connect_in_vain(void*) {
  connected(full_port);
  return nullptr;
}

void cancelled() {
  for (int i = 0; i < 5; ++i) {
    pthread_t thread;
    pthread_create(&thread, nullptr, connect_in_vain, nullptr);
    usleep(20000);
    pthread_cancel(thread);
    pthread_join(thread, nullptr);
    once();
  }
}

// --- processes

void in_vfork() {
  for (int i = 0; i < 5; ++i) {
    const pid_t child = vfork();
    if (child == 0) {
      once();  // NOLINT(clang-analyzer-unix.Vfork): this is what is tested
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  }
}

void without_descriptors() {
  for (const bool by_range : {true, false}) {
    if (by_range) {
      close_range(0, ~0U, 0);
    } else {
      closefrom(0);
    }
    for (int i = 0; i < 3; ++i) connected(port);  // the sockets are now descriptors 0, 1 and 2
    for (int i = 0; i < 5; ++i) once();
  }
}

void in_chroot() {
  char folder[] = "/tmp/conformance-XXXXXX";
  if (mkdtemp(folder) == nullptr || chroot(folder) != 0 || chdir("/") != 0 || setgid(65534) != 0 ||
      setuid(65534) != 0) {
    cannot_run("no chroot");
  }
  for (int i = 0; i < 5; ++i) once();
}

/// The connecting socket is the last descriptor that the process may have.
void few_descriptors() {
  const int last = dup(0);
  close(last);
  const rlimit few = {static_cast<rlim_t>(last) + 1, static_cast<rlim_t>(last) + 1};
  setrlimit(RLIMIT_NOFILE, &few);
  for (int i = 0; i < 5; ++i) once();
  sleep(2);  // until what the library knows about the host is out of date
  for (int i = 0; i < 5; ++i) once();
}

/// Kills the process for system calls that the library may make only if a rule matches.
void under_seccomp() {
  constexpr unsigned forbidden[] = {SYS_open,         SYS_openat,     SYS_stat, SYS_newfstatat,
                                    SYS_fstat,        SYS_statx,      SYS_bind, SYS_getsockname,
                                    SYS_setsockopt,   SYS_getsockopt, SYS_mmap, SYS_readlink,
                                    SYS_clock_gettime};
  constexpr auto count = static_cast<uint8_t>(std::size(forbidden));
  sock_filter filter[count + 3] = {};
  // Loads the number of the system call. If it is one of these, jumps to the last instruction.
  filter[0] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
  for (uint8_t i = 0; i < count; ++i) {
    filter[i + 1] =
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, forbidden[i], static_cast<uint8_t>(count - i), 0);
  }
  filter[count + 1] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  filter[count + 2] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  const sock_fprog program = {count + 3, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    cannot_run("no seccomp");
  }
  for (int i = 0; i < 5; ++i) once();
}

void by_mptcp() {
  constexpr int mptcp = 262;  // IPPROTO_MPTCP, which glibc 2.36 lacks
  for (int i = 0; i < 5; ++i) close(connected(port, mptcp));
}

void nested(int depth) {
  if (depth == 100) return once();
  char number[16];
  std::snprintf(number, sizeof number, "%d", depth + 1);
  char* arguments[] = {const_cast<char*>(self), const_cast<char*>("nested"), number, nullptr};
  char* nothing[] = {nullptr};
  execve(self, arguments, nothing);
}

void nested_exec() {
  nested(0);
}

/// A new program, in which a preloaded library of the tests connects before main.
void early() {
  char* arguments[] = {const_cast<char*>(self), const_cast<char*>("nothing"), nullptr};
  setenv("EARLY_PORT", "2525", 1);
  execv(self, arguments);
}

struct Case {
  const char* name;
  void (*run)();
};
constexpr Case cases[] = {{"once", once},
                          {"signal_in_malloc", signal_in_malloc},
                          {"signal_in_hook", signal_in_hook},
                          {"left_by_longjmp", left_by_longjmp},
                          {"fork_among_threads", fork_among_threads},
                          {"many_threads", many_threads},
                          {"small_stack", small_stack},
                          {"cancelled", cancelled},
                          {"in_vfork", in_vfork},
                          {"without_descriptors", without_descriptors},
                          {"in_chroot", in_chroot},
                          {"few_descriptors", few_descriptors},
                          {"under_seccomp", under_seccomp},
                          {"by_mptcp", by_mptcp},
                          {"nested_exec", nested_exec}};
// Requires the library of early.cc.
constexpr Case early_case = {"early", early};

// --- the listener

int listener(uint16_t at, int backlog) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const sockaddr_in name = loopback(at);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
      listen(fd, backlog) != 0) {
    cannot_run("no listener");
  }
  return fd;
}

/// Fills the queue of a listener, so that it accepts no more connections.
void fill() {
  listener(full_port, 0);
  const sockaddr_in name = loopback(full_port);
  for (int i = 0; i < 3; ++i) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name);
  }
}

void report(const char* name, int listening, int status) {
  std::map<std::string, int> sources;
  long sent = 0;
  sockaddr_in peer = {};
  socklen_t size = sizeof peer;
  for (int fd; (fd = accept4(listening, reinterpret_cast<sockaddr*>(&peer), &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
    char text[INET_ADDRSTRLEN];
    ++sources[inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text)];
    char data[4096];
    for (long count; (count = recv(fd, data, sizeof data, 0)) > 0;) sent += count;
    close(fd);
  }
  std::printf("%s: status %d, %ld bytes", name, status, sent);
  for (const auto& [source, count] : sources) std::printf(", %d from %s", count, source.c_str());
  std::printf("\n");
}

int run(const Case& chosen) {
  enter_own_network();
  const int listening = listener(port, 4096);
  fill();
  const pid_t child = fork();
  if (child == 0) {
    chosen.run();
    _exit(0);
  }
  // The time limit begins here: the child may use its own alarm.
  int status = -1;
  for (int i = 0; i < 2000 && waitpid(child, &status, WNOHANG) == 0; ++i) usleep(10000);
  if (status == -1) {
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
  }
  report(chosen.name, listening, status);
  return 0;
}

}  // namespace
}  // namespace clusterbind::test

int main(int argc, char** argv) {
  using namespace clusterbind::test;
  self = argv[0];
  const std::string name = argc > 1 ? argv[1] : "";
  if (name == "nested") {
    nested(std::atoi(argv[2]));
    _exit(0);
  }
  if (name == "nothing") return 0;
  if (name == early_case.name) return run(early_case);
  for (const Case& one : cases) {
    if (name == one.name) return run(one);
    if (name == "--list") std::puts(one.name);
  }
  return name == "--list" ? 0 : 64;
}
