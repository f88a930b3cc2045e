// A library that defines functions with names of libc for other purposes, as programs may do.
#include <sys/socket.h>

#pragma GCC visibility push(default)
extern "C" {

int bind(int, const sockaddr*, socklen_t) noexcept {
  return -1;
}
int getsockname(int, sockaddr*, socklen_t*) noexcept {
  return -1;
}
int getpeername(int, sockaddr*, socklen_t*) noexcept {
  return -1;
}
int getsockopt(int, int, int, void*, socklen_t*) noexcept {
  return -1;
}
int setsockopt(int, int, int, const void*, socklen_t) noexcept {
  return -1;
}
int listen(int, int) noexcept {
  return -1;
}
int shutdown(int, int) noexcept {
  return -1;
}
long readlink(const char*, char*, unsigned long) noexcept {
  return -1;
}

}  // extern "C"
#pragma GCC visibility pop
