#include "config/tool/explain/connect.h"

#include <netinet/in.h>
#include <poll.h>

#include <cerrno>

#include "config/tool/host/files.h"
#include "config/tool/host/sockets.h"

namespace clusterbind::tool {
namespace {

using Clock = std::chrono::steady_clock;

/// Waits until the connection is established or has failed. Returns 0 or an errno value.
int wait_for_connection(int descriptor, std::chrono::milliseconds patience) {
  pollfd wanted = {descriptor, POLLOUT, 0};
  const int ready = poll(&wanted, 1, static_cast<int>(patience.count()));
  if (ready == 0) {
    return ETIMEDOUT;
  }
  int error = 0;
  socklen_t length = sizeof error;
  if (ready < 0 || getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0) {
    return errno;
  }
  return error;
}

/// Returns 0 or an errno value.
int bind_to(int descriptor, const Address& source) {
  const int on = 1;
  const SocketAddress name(source, 0);
  // If the kernel is too old to know the option, bind works without it.
  setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  return bind(descriptor, name.get(), name.length) == 0 ? 0 : errno;
}

Attempt failed(const char* what, int error) {
  Attempt result;
  result.trouble = std::string(what) + ": " + error_text(error);
  return result;
}

}  // namespace

Attempt attempt(const Address& destination, uint16_t port, bool datagram,
                const std::optional<Address>& source, std::chrono::milliseconds patience) {
  const int type = (datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const Descriptor socket_(socket(domain_of(destination.family), type, 0));
  if (!socket_.valid()) {
    return failed("socket", errno);
  }
  if (source) {
    if (const int error = bind_to(socket_.get(), *source); error != 0) {
      return failed("bind", error);
    }
  }
  const SocketAddress name(destination, port);
  const auto start = Clock::now();
  int error = connect(socket_.get(), name.get(), name.length) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    error = wait_for_connection(socket_.get(), patience);
  }
  const auto time = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  Attempt result = error == 0 ? Attempt{} : failed("connect", error);
  result.made = error == 0;
  result.time = time;
  if (const auto local = local_address(socket_.get()); local && result.made) {
    result.local = local->address();
    result.local_port = local->port();
  }
  return result;
}

}  // namespace clusterbind::tool
