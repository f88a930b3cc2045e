#include "preload/real.h"

#include <dlfcn.h>

namespace clusterbind::real {

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
constinit Original<decltype(::connect)> connect("connect");
constinit Original<decltype(::sendto)> sendto("sendto");
constinit Original<decltype(::sendmsg)> sendmsg("sendmsg");
constinit Original<decltype(::sendmmsg)> sendmmsg("sendmmsg");
constinit Original<decltype(::execvpe)> execvpe("execvpe");
constinit Original<decltype(::execve)> execve("execve");
constinit Original<decltype(::execveat)> execveat("execveat");
constinit Original<decltype(::fexecve)> fexecve("fexecve");
constinit Original<decltype(::posix_spawn)> posix_spawn("posix_spawn");
constinit Original<decltype(::posix_spawnp)> posix_spawnp("posix_spawnp");
constinit Original<decltype(::posix_spawn)> pidfd_spawn("pidfd_spawn");
constinit Original<decltype(::posix_spawnp)> pidfd_spawnp("pidfd_spawnp");
#ifdef CLUSTERBIND_TIME64_HOOKS
constinit Original<decltype(::sendmsg)> sendmsg64("__sendmsg64");
constinit Original<decltype(::sendmmsg)> sendmmsg64("__sendmmsg64");
#endif
#pragma GCC diagnostic pop

void resolve() {
  const auto find = []<typename Function>(Original<Function>& original) {
    if (original.function_.load(std::memory_order_relaxed) != nullptr) return;
    original.function_.store(reinterpret_cast<Function*>(dlsym(RTLD_NEXT, original.name_)),
                             std::memory_order_relaxed);
  };
  find(connect);
  find(sendto);
  find(sendmsg);
  find(sendmmsg);
  find(execvpe);
  find(execve);
  find(execveat);
  find(fexecve);
  find(posix_spawn);
  find(posix_spawnp);
  find(pidfd_spawn);
  find(pidfd_spawnp);
#ifdef CLUSTERBIND_TIME64_HOOKS
  find(sendmsg64);
  find(sendmmsg64);
#endif
}

}  // namespace clusterbind::real
