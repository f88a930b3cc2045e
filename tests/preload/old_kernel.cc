// Runs a command as under an older kernel: newer system calls and options fail with the error for
// unknown ones. old_kernel VERSION COMMAND [ARGUMENT...]
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string_view>

#include "tests/support/seccomp.h"

namespace {

using clusterbind::test::refuse;

// From asm/unistd.h, asm-generic/socket.h, linux/in.h, linux/tcp.h and asm-generic/mman-common.h of
// each version. The options of IPPROTO_IP have two ranges, below and above those for multicast (32
// to 50).
struct Kernel {
  std::string_view version;
  uint32_t last_call;
  uint32_t last_socket_option;
  uint32_t last_ip_option;
  uint32_t last_tcp_option;
  uint32_t last_advice;  // for madvise(2)
  bool has_mptcp;
  bool tells_protocol;  // SO_PROTOCOL and SO_DOMAIN
};

constexpr Kernel kernels[] = {
    {"3.10", SYS_finit_module, 45, 22, 24, 17, false, true},  // RHEL 7
    // Kernels older than 3.10 are not supported, but a sandbox may know as little.
    {"no-protocol", SYS_finit_module, 45, 22, 24, 17, false, false},
    {"4.12", SYS_statx, 57, 25, 30, 17, false, true},                  // SLES 12 and 15
    {"4.18", SYS_rseq, 60, 25, 35, 19, false, true},                   // RHEL 8
    {"5.10", SYS_process_madvise, 68, 26, 37, 21, true, true},         // Debian 11
    {"5.14", SYS_memfd_secret, 71, 26, 37, 23, true, true},            // RHEL 9
    {"6.1", SYS_set_mempolicy_home_node, 75, 26, 37, 25, true, true},  // Debian 12
};

constexpr uint32_t any = UINT32_MAX;
constexpr uint32_t poison = 100;  // MADV_HWPOISON: later numbers are older than all these

/// Makes getsockopt(2) and setsockopt(2) reject the options from `first` to `last`.
bool forget_options(uint32_t level, uint32_t first, uint32_t last) {
  bool done = true;
  for (const uint32_t call : {uint32_t{SYS_getsockopt}, uint32_t{SYS_setsockopt}}) {
    done = done && refuse(call, ENOPROTOOPT, {{1, level, level}, {2, first, last}});
  }
  return done;
}

bool become(const Kernel& old) {
  constexpr uint32_t first_ip_option_of_the_rest = 51;
  constexpr uint32_t first_multicast_option = 32;
  return forget_options(SOL_SOCKET, old.last_socket_option + 1, any) &&
         forget_options(IPPROTO_IP, old.last_ip_option + 1, first_multicast_option - 1) &&
         forget_options(IPPROTO_IP, first_ip_option_of_the_rest, any) &&
         forget_options(IPPROTO_TCP, old.last_tcp_option + 1, any) &&
         (old.tells_protocol || forget_options(SOL_SOCKET, SO_PROTOCOL, SO_DOMAIN)) &&
         (old.has_mptcp ||
          (refuse(SYS_socket, EINVAL, {{0, AF_INET, AF_INET}, {2, 256, any}}) &&
           refuse(SYS_socket, EINVAL, {{0, AF_INET6, AF_INET6}, {2, 256, any}}))) &&
         refuse(SYS_madvise, EINVAL, {{2, old.last_advice + 1, poison - 1}}) &&
         refuse(old.last_call + 1, any, ENOSYS);
}

bool become(std::string_view version) {
  for (const Kernel& kernel : kernels) {
    if (kernel.version == version) return become(kernel);
  }
  errno = EINVAL;
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || !become(std::string_view(argv[1]))) {
    std::perror("old_kernel");
    return 125;
  }
  execvp(argv[2], argv + 2);
  std::perror(argv[2]);
  return 127;
}
