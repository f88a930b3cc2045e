#include "bench/connection.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "bench/clock.h"
#include "bench/failure.h"

namespace clusterbind::bench {
namespace {

// The connect of the C library, without any preload. RTLD_NEXT cannot be used: from the program it
// finds the library's hook.
auto find_libc_connect() {
  void* libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
  void* symbol = libc != nullptr ? dlsym(libc, "connect") : nullptr;
  if (symbol == nullptr) throw Failure("the C library's connect was not found");
  decltype(&::connect) function = nullptr;
  std::memcpy(&function, &symbol, sizeof function);
  return function;
}

// The queries that the library makes before it binds.
void ask_like_the_library(int fd) {
  sockaddr_storage name{};
  socklen_t length = sizeof name;
  getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length);
  int protocol = 0;
  socklen_t size = sizeof protocol;
  getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size);
}

}  // namespace

Endpoint endpoint(const std::string& address, uint16_t port) {
  Endpoint result;
  sockaddr_in ipv4{};
  sockaddr_in6 ipv6{};
  if (inet_pton(AF_INET, address.c_str(), &ipv4.sin_addr) == 1) {
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(port);
    result.length = sizeof ipv4;
    std::memcpy(&result.storage, &ipv4, sizeof ipv4);
  } else if (inet_pton(AF_INET6, address.c_str(), &ipv6.sin6_addr) == 1) {
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(port);
    result.length = sizeof ipv6;
    std::memcpy(&result.storage, &ipv6, sizeof ipv6);
  } else {
    throw Failure(fmt::format("'{}' is no IP address: names are not looked up", address),
                  status_usage);
  }
  return result;
}

std::string text_of(const Endpoint& endpoint) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto* bytes = reinterpret_cast<const char*>(&endpoint.storage);
  const bool ipv6 = endpoint.storage.ss_family == AF_INET6;
  const size_t offset = ipv6 ? offsetof(sockaddr_in6, sin6_addr) : offsetof(sockaddr_in, sin_addr);
  inet_ntop(endpoint.storage.ss_family, bytes + offset, text.data(), text.size());
  return text.data();
}

bool bind_without_port(int fd, const Endpoint& source) {
  const int on = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  return bind(fd, source.address(), source.length) == 0;
}

Connector::Connector(const Endpoint& destination, const Endpoint& source, int listener,
                     bool time_wait)
    : destination_(destination),
      source_(source),
      listener_(listener),
      time_wait_(time_wait),
      libc_connect_(find_libc_connect()) {}

int Connector::connect_in(Way way) const {
  const int fd = socket(destination_.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw system_failure("socket");
  if (listener_ < 0) {
    const timeval patience{connect_timeout_s, 0};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }
  if (way == Way::app_same) ask_like_the_library(fd);
  if ((way == Way::app_bind || way == Way::app_same) && !bind_without_port(fd, source_)) {
    const int error = errno;
    close(fd);
    errno = error;
    throw system_failure(fmt::format("bind to {}", text_of(source_)));
  }
  const int result = way == Way::interposed
                         ? ::connect(fd, destination_.address(), destination_.length)
                         : libc_connect_(fd, destination_.address(), destination_.length);
  if (result != 0) {
    const int error = errno;
    close(fd);
    errno = error;
    throw system_failure(fmt::format("connect to {}", text_of(destination_)));
  }
  return fd;
}

double Connector::time(Way way) const {
  if (!has_connection(way)) return time_bad_descriptor(way);
  const int64_t begin = now_ns();
  const int fd = connect_in(way);
  if (!time_wait_) {
    const linger at_once{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  close(fd);
  return static_cast<double>(now_ns() - begin);
}

double Connector::time_bad_descriptor(Way way) const {
  const auto function = way == Way::libc_bad_descriptor ? libc_connect_ : &::connect;
  const int64_t begin = now_ns();
  for (int i = 0; i < calls_at_once; ++i) function(-1, destination_.address(), destination_.length);
  return static_cast<double>(now_ns() - begin) / calls_at_once;
}

std::string Connector::seen_source(Way way, bool ask_listener) const {
  if (!has_connection(way)) return {};
  const int fd = connect_in(way);
  Endpoint seen;
  seen.length = sizeof seen.storage;
  auto* storage = reinterpret_cast<sockaddr*>(&seen.storage);
  if (!ask_listener) {
    getsockname(fd, storage, &seen.length);
  } else {
    // With a delay, the last step of the handshake may not have arrived yet.
    const Deadline deadline(connect_timeout_s);
    int accepted = -1;
    while (accepted < 0 && !deadline.passed()) {
      accepted = accept4(listener_, storage, &seen.length, SOCK_CLOEXEC);
      if (accepted < 0) usleep(1000);
    }
    if (accepted < 0) throw Failure("the listener saw no connection");
    close(accepted);
  }
  close(fd);
  return text_of(seen);
}

void Connector::drain() const {
  if (listener_ < 0) return;
  int fd = -1;
  while ((fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0) close(fd);
}

}  // namespace clusterbind::bench
