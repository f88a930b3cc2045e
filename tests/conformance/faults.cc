// A preload of the tests, behind ours in LD_PRELOAD: lets one function fail for IP stream sockets.
// FAULT="bind 13": bind(2) fails with errno 13. The library's calls come here, the kernel's do not.
#include <dlfcn.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#define HOOK extern "C" __attribute__((visibility("default")))

namespace {

char function[32];
int error = 0;

[[gnu::constructor]] void read_fault() {
  const char* fault = std::getenv("FAULT");
  if (fault != nullptr) std::sscanf(fault, "%31s %d", function, &error);
}

bool fails(int fd, const char* name) {
  if (error == 0 || std::strcmp(function, name) != 0) return false;
  int type = 0;
  int listening = 0;
  socklen_t size = sizeof type;
  // Asked past this preload, which getsockopt may be the fault of.
  static const auto ask = reinterpret_cast<decltype(&getsockopt)>(dlsym(RTLD_NEXT, "getsockopt"));
  ask(fd, SOL_SOCKET, SO_TYPE, &type, &size);
  ask(fd, SOL_SOCKET, SO_REUSEADDR, &listening, &size);  // the listener's mark
  if (type != SOCK_STREAM || listening != 0) return false;
  errno = error;
  return true;
}

}  // namespace

HOOK int bind(int fd, const sockaddr* name, socklen_t length) noexcept {
  static const auto real = reinterpret_cast<decltype(&bind)>(dlsym(RTLD_NEXT, "bind"));
  return fails(fd, "bind") ? -1 : real(fd, name, length);
}

HOOK int getsockname(int fd, sockaddr* name, socklen_t* length) noexcept {
  static const auto real =
      reinterpret_cast<decltype(&getsockname)>(dlsym(RTLD_NEXT, "getsockname"));
  return fails(fd, "getsockname") ? -1 : real(fd, name, length);
}

HOOK int setsockopt(int fd, int level, int name, const void* value, socklen_t length) noexcept {
  static const auto real = reinterpret_cast<decltype(&setsockopt)>(dlsym(RTLD_NEXT, "setsockopt"));
  return fails(fd, "setsockopt") ? -1 : real(fd, level, name, value, length);
}

HOOK int getsockopt(int fd, int level, int name, void* value, socklen_t* length) noexcept {
  static const auto real = reinterpret_cast<decltype(&getsockopt)>(dlsym(RTLD_NEXT, "getsockopt"));
  return fails(fd, "getsockopt") ? -1 : real(fd, level, name, value, length);
}
