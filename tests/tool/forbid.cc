// Runs a command that may not make some sockets, as the sandbox of a service manager does.
// forbid netlink|ipv6|bind COMMAND [ARGUMENT...]

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace {

// Of the arguments of a system call the lower half counts: descriptors and families are small.
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
constexpr uint32_t first_argument = offsetof(seccomp_data, args);
#else
constexpr uint32_t first_argument = offsetof(seccomp_data, args) + 4;
#endif

constexpr uint32_t fails_with(int error) {
  return SECCOMP_RET_ERRNO | static_cast<uint32_t>(error);
}

/// Lets one system call fail; of socket(2) only where its family is `family`.
bool install(uint32_t call, uint32_t family, int error) {
  const bool every = call == SYS_bind;
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, first_argument),
      BPF_JUMP(BPF_JMP | (every ? BPF_JGE : BPF_JEQ) | BPF_K, every ? 0 : family, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, fails_with(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog all = {sizeof program / sizeof *program, program};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) == 0;
}

bool forbid(const char* what) {
  if (std::strcmp(what, "netlink") == 0) {
    return install(SYS_socket, AF_NETLINK, EAFNOSUPPORT);
  }
  if (std::strcmp(what, "ipv6") == 0) {
    return install(SYS_socket, AF_INET6, EAFNOSUPPORT);
  }
  return std::strcmp(what, "bind") == 0 && install(SYS_bind, 0, EPERM);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || !forbid(argv[1])) {
    std::perror("forbid");
    return 125;
  }
  execvp(argv[2], argv + 2);
  std::perror(argv[2]);
  return 127;
}
