// One timed connection, in each of the ways that a program can make it.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace clusterbind::bench {

/// How the connection is made. The process runs under LD_PRELOAD: connect() is the library's hook,
/// and the C library's own is called through its address. So a hit or a miss and its plain twin
/// come from one process, microseconds apart, with the same caches and the same memory: two
/// processes differ by more than what is measured.
enum class Way : uint8_t {
  libc,                       // the C library's connect, past every preload
  interposed,                 // connect as every program calls it
  app_bind,                   // IP_BIND_ADDRESS_NO_PORT and bind by hand, then the C library's
  app_same,                   // the library's four system calls by hand, then the C library's
  libc_bad_descriptor,        // the call alone, on descriptor -1: the cheapest system call
  interposed_bad_descriptor,  // the same through the hook
};

constexpr bool has_connection(Way way) {
  return way < Way::libc_bad_descriptor;
}

/// An address and port as the socket calls take them.
struct Endpoint {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// Reads a numeric address. Throws Failure.
Endpoint endpoint(const std::string& address, uint16_t port);

/// The numeric address of an endpoint, without the port.
std::string text_of(const Endpoint& endpoint);

/// A blocking connect to anywhere else is given up after so many seconds.
constexpr int connect_timeout_s = 5;

/// A bad descriptor fails within 200 ns: so many calls are timed, or counted, at once.
constexpr int calls_at_once = 200;

class Connector {
 public:
  /// `listener`: the destination's listening socket, or -1 where it is a real peer. It is emptied
  /// by this process itself between batches, so no second process wakes up while time is taken.
  Connector(const Endpoint& destination, const Endpoint& source, int listener, bool time_wait);

  /// Nanoseconds from socket() to close(), or of the one call for a bad descriptor.
  double time(Way way) const;

  /// The source address that the listener sees, or that the socket has.
  std::string seen_source(Way way, bool ask_listener) const;

  /// Takes and closes what waits in the listener's queue.
  void drain() const;

  /// The call of `way` alone, on a socket of its own; its descriptor. Throws Failure if it fails.
  int connect_in(Way way) const;

 private:
  double time_bad_descriptor(Way way) const;

  Endpoint destination_;
  Endpoint source_;
  int listener_;
  bool time_wait_;
  int (*libc_connect_)(int, const sockaddr*, socklen_t);
};

/// Sets IP_BIND_ADDRESS_NO_PORT, and binds `fd` to the address. False where bind fails.
bool bind_without_port(int fd, const Endpoint& source);

}  // namespace clusterbind::bench
