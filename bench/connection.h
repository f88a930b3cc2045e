// One timed connection, in each of the ways that a program can make it.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace clusterbind::bench {

/// How a connection is made. The process runs under LD_PRELOAD, so connect() is the library's hook,
/// and the C library's own connect is called through its address. Both kinds of a connection are
/// made in one process, microseconds apart, with the same caches and memory, because two processes
/// differ by more than the effect to be measured.
enum class Way : uint8_t {
  libc,                       // the C library's connect, bypassing every preload
  interposed,                 // connect as every program calls it
  app_bind,                   // IP_BIND_ADDRESS_NO_PORT and bind by hand, then libc's
  app_same,                   // the library's four system calls by hand, then the same
  libc_bad_descriptor,        // only the call, on descriptor -1: the cheapest system call
  interposed_bad_descriptor,  // the same through the hook
};

constexpr bool has_connection(Way way) {
  return way < Way::libc_bad_descriptor;
}

/// An address and port as a sockaddr.
struct Endpoint {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// Reads a numeric address. Throws Failure.
Endpoint endpoint(const std::string& address, uint16_t port);

/// The numeric address of an endpoint, without the port.
std::string text_of(const Endpoint& endpoint);

/// After so many seconds a blocking connect to a remote peer is given up.
constexpr int connect_timeout_s = 5;

/// On a bad descriptor, a call takes 200 ns: so this many calls are timed, or counted, together.
constexpr int calls_at_once = 200;

class Connector {
 public:
  /// `listener` is the destination's listening socket, or -1 for a real peer. This process itself
  /// accepts its connections, between batches, so that no other process wakes up during a
  /// measurement.
  Connector(const Endpoint& destination, const Endpoint& source, int listener, bool time_wait);

  /// Nanoseconds from socket() to close(); on a bad descriptor, of one call.
  double time(Way way) const;

  /// The source address that the listener sees; without a listener, that of the socket.
  std::string seen_source(Way way, bool ask_listener) const;

  /// Accepts and closes the connections in the listener's queue.
  void drain() const;

  /// Connects a new socket by `way` and returns its descriptor. Throws Failure if that fails.
  int connect_in(Way way) const;

 private:
  double time_bad_descriptor(Way way) const;

  Endpoint destination_;
  Endpoint source_;
  int listener_;
  bool time_wait_;
  int (*libc_connect_)(int, const sockaddr*, socklen_t);
};

/// Sets IP_BIND_ADDRESS_NO_PORT and binds `fd` to the address. Returns false if bind fails.
bool bind_without_port(int fd, const Endpoint& source);

}  // namespace clusterbind::bench
