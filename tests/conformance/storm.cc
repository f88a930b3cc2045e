// Connects again and again, and counts the results: storm CONNECTS SECONDS [ADDRESS [FOLDER]]
// Prints one line: the number of connections by source address, as the listener saw it, and of
// failures by errno. ADDRESS is the listener's (127.0.0.1). With FOLDER, it first makes that folder
// its root and nobody its user. The variable FAULT names a system call that fails.
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
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

std::map<std::string, int> outcomes;
sockaddr_in listening = {};

int first_listener(const char* address) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  listening.sin_family = AF_INET;
  inet_pton(AF_INET, address, &listening.sin_addr);
  socklen_t length = sizeof listening;
  if (bind(fd, reinterpret_cast<sockaddr*>(&listening), sizeof listening) != 0 ||
      listen(fd, 64) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&listening), &length) != 0) {
    cannot_run("no listener");
  }
  return fd;
}

/// Makes one connection, and counts what the listener sees.
void connect_once(int listener, int last_byte) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name = listening;
  // Without this every connection would leave a port in TIME-WAIT.
  const linger reset = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  if (connect(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) {
    ++outcomes[strerrorname_np(errno)];
  }
  sockaddr_in peer = {};
  socklen_t length = sizeof peer;
  const int accepted = accept(listener, reinterpret_cast<sockaddr*>(&peer), &length);
  if (accepted >= 0) {
    char text[INET_ADDRSTRLEN];
    ++outcomes[inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text)];
    close(accepted);
  }
  close(fd);
  // A destination of its own, which the tests' rules refuse: this gives one more line in the log.
  const int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 256U + static_cast<uint32_t>(last_byte));
  name.sin_port = htons(9);
  if (connect(other, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0) ++outcomes["discard"];
  close(other);
}

/// FAULT="bind 13" makes the kernel answer bind(2) with errno 13 from now on (seccomp(2)).
void let_a_call_fail() {
  const char* fault = std::getenv("FAULT");
  if (fault == nullptr) return;
  const std::map<std::string, uint32_t> calls = {{"bind", SYS_bind},
                                                 {"getsockname", SYS_getsockname},
                                                 {"getsockopt", SYS_getsockopt},
                                                 {"setsockopt", SYS_setsockopt}};
  char name[32];
  unsigned error = 0;
  if (std::sscanf(fault, "%31s %u", name, &error) != 2) cannot_run("a strange FAULT");
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls.at(name), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {sizeof code / sizeof *code, code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    cannot_run("no seccomp filter");
  }
}

void pause_for(double seconds) {
  const auto whole = static_cast<time_t>(seconds);
  const timespec time = {whole, static_cast<long>((seconds - static_cast<double>(whole)) * 1e9)};
  nanosleep(&time, nullptr);
}

}  // namespace
}  // namespace clusterbind::test

int main(int argc, char** argv) {
  using namespace clusterbind::test;
  if (argc < 3) return 64;
  enter_own_network();
  const std::string address = argc > 3 ? argv[3] : "127.0.0.1";
  if (address.compare(0, 4, "127.") != 0) add_ipv4(address.c_str());
  const int listener = first_listener(address.c_str());
  if (argc > 4 &&
      (chroot(argv[4]) != 0 || chdir("/") != 0 || setgid(65534) != 0 || setuid(65534) != 0)) {
    cannot_run("no chroot");
  }
  let_a_call_fail();
  const int count = std::atoi(argv[1]);
  const double each = std::atof(argv[2]) / count;
  for (int i = 0; i < count; ++i) {
    connect_once(listener, i % 200);
    if (each > 0) pause_for(each);
  }
  for (const auto& [what, times] : outcomes) std::printf("%s %d ", what.c_str(), times);
  std::printf("\n");
  return 0;
}
