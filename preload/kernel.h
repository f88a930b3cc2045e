// The system calls that the library makes itself. It does not call libc's functions of these names:
// a program, or a library that it loads, may define them (`bind` is a common name), and some are
// cancellation points (pthreads(7)). The arguments are those in section 2 of the manual; errors are
// -1 and errno, as there.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <concepts>

#ifdef SYS_socketcall
#include <linux/net.h>
#endif

namespace clusterbind::kernel {

/// The socket calls. Before Linux 4.3, i386 and s390x have them only as socketcall(2), which libc
/// still uses there.
enum class SocketCall : long {
#ifdef SYS_socketcall
  socket = SYS_SOCKET,
  bind = SYS_BIND,
  connect = SYS_CONNECT,
  listen = SYS_LISTEN,
  getsockname = SYS_GETSOCKNAME,
  getpeername = SYS_GETPEERNAME,
  sendto = SYS_SENDTO,
  shutdown = SYS_SHUTDOWN,
  setsockopt = SYS_SETSOCKOPT,
  getsockopt = SYS_GETSOCKOPT,
#else
  socket = SYS_socket,
  bind = SYS_bind,
  connect = SYS_connect,
  listen = SYS_listen,
  getsockname = SYS_getsockname,
  getpeername = SYS_getpeername,
  sendto = SYS_sendto,
  shutdown = SYS_shutdown,
  setsockopt = SYS_setsockopt,
  getsockopt = SYS_getsockopt,
#endif
};

/// An argument in the type that the kernel expects.
inline long argument(const void* pointer) {
  return reinterpret_cast<long>(pointer);
}
template <std::integral T>
long argument(T value) {
  return static_cast<long>(value);
}

#ifdef __x86_64__
// System calls without libc's syscall(2): a connection would touch the page of that function for
// nothing else.

/// The result of a system call: -1 and errno for an error.
inline long finished(long result) {
  if (static_cast<unsigned long>(result) <= -4096UL) [[likely]]
    return result;
  errno = static_cast<int>(-result);
  return -1;
}
inline long call(long number, long a, long b = 0, long c = 0) {
  long result = number;
  asm volatile("syscall" : "+a"(result) : "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return finished(result);
}
inline long call(long number, long a, long b, long c, long d, long e = 0, long f = 0) {
  long result = number;
  register long fourth asm("r10") = d;
  register long fifth asm("r8") = e;
  register long sixth asm("r9") = f;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
               : "rcx", "r11", "memory");
  return finished(result);
}
#else
template <typename... Arguments>
long call(long number, Arguments... arguments) {
  return syscall(number, arguments...);
}
#endif

template <typename... Arguments>
int socket_call(SocketCall which, Arguments... arguments) {
#ifdef SYS_socketcall
  const long list[] = {argument(arguments)...};
  return static_cast<int>(call(SYS_socketcall, static_cast<long>(which), argument(list)));
#else
  return static_cast<int>(call(static_cast<long>(which), argument(arguments)...));
#endif
}

inline int socket(int domain, int type, int protocol) {
  return socket_call(SocketCall::socket, domain, type, protocol);
}
inline int bind(int fd, const void* address, socklen_t length) {
  return socket_call(SocketCall::bind, fd, address, length);
}
inline int connect(int fd, const void* address, socklen_t length) {
  return socket_call(SocketCall::connect, fd, address, length);
}
inline int listen(int fd, int backlog) {
  return socket_call(SocketCall::listen, fd, backlog);
}
inline int getsockname(int fd, void* address, socklen_t* length) {
  return socket_call(SocketCall::getsockname, fd, address, length);
}
inline int getpeername(int fd, void* address, socklen_t* length) {
  return socket_call(SocketCall::getpeername, fd, address, length);
}
inline int sendto(int fd, const void* data, size_t size, int flags, const void* address,
                  socklen_t length) {
  return socket_call(SocketCall::sendto, fd, data, size, flags, address, length);
}
inline int shutdown(int fd, int how) {
  return socket_call(SocketCall::shutdown, fd, how);
}
inline int setsockopt(int fd, int level, int name, const void* value, socklen_t length) {
  return socket_call(SocketCall::setsockopt, fd, level, name, value, length);
}
inline int getsockopt(int fd, int level, int name, void* value, socklen_t* length) {
  return socket_call(SocketCall::getsockopt, fd, level, name, value, length);
}

#ifdef SYS_fstat64
constexpr long stat_number = SYS_fstatat64;
constexpr long fstat_number = SYS_fstat64;
static_assert(sizeof(off_t) == 8 && sizeof(time_t) == 4);
#else
constexpr long stat_number = SYS_newfstatat;
constexpr long fstat_number = SYS_fstat;
#endif

/// ENOSYS before Linux 3.19. glibc has a function for it only since 2.34.
inline int execveat(int dir, const char* path, char* const argv[], char* const envp[], int flags) {
  return static_cast<int>(
      call(SYS_execveat, dir, argument(path), argument(argv), argument(envp), flags));
}

inline int open_for_reading(const char* path) {
  return static_cast<int>(
      call(SYS_openat, AT_FDCWD, argument(path), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0));
}
/// System calls, because glibc before 2.33 has other names for these two. With 64-bit file offsets,
/// `struct stat` has the kernel's layout: on 32 bits, that of stat64.
inline int stat(const char* path, struct stat& status) {
  return static_cast<int>(call(stat_number, AT_FDCWD, argument(path), argument(&status), 0));
}
inline int fstat(int fd, struct stat& status) {
  return static_cast<int>(call(fstat_number, fd, argument(&status)));
}
inline long read(int fd, void* data, size_t size) {
  return call(SYS_read, fd, argument(data), argument(size));
}
inline long write(int fd, const void* data, size_t size) {
  return call(SYS_write, fd, argument(data), argument(size));
}
/// Returns the bytes; the text has no NUL.
inline long readlink(const char* path, char* text, size_t size) {
  return call(SYS_readlinkat, AT_FDCWD, argument(path), argument(text), argument(size));
}
inline void close(int fd) {
  call(SYS_close, fd);
}
/// Fills `data` with random bytes, without waiting (getrandom(2), Linux 3.17). False if there are
/// none yet.
inline bool random_bytes(void* data, size_t size) {
  constexpr long nonblock = 1;  // GRND_NONBLOCK
  return call(SYS_getrandom, argument(data), argument(size), nonblock) == static_cast<long>(size);
}
/// Whether the descriptor is ready now: poll(2) without waiting.
inline int poll_at_once(pollfd& waited_for) {
  timespec no_time = {};
  return static_cast<int>(call(SYS_ppoll, argument(&waited_for), 1, argument(&no_time), 0, 0));
}

}  // namespace clusterbind::kernel
