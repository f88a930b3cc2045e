// Socket addresses, and file descriptors that close themselves.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "config/address.h"

namespace clusterbind::tool {

/// A file descriptor (or -1), which is closed when the object is destroyed.
class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) {
      close(value_);
    }
  }

  int get() const { return value_; }
  bool valid() const { return value_ >= 0; }

 private:
  int value_;
};

/// AF_INET or AF_INET6.
int domain_of(Family family);

/// A sockaddr_in or sockaddr_in6.
struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t length = sizeof storage;

  SocketAddress() = default;
  SocketAddress(const Address& address, uint16_t port);
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }

  /// Nothing if the family is neither IPv4 nor IPv6.
  std::optional<Address> address() const;
  uint16_t port() const;
};

/// getsockname(2); nothing if it fails.
std::optional<SocketAddress> local_address(int descriptor);

}  // namespace clusterbind::tool
