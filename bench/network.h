// Network namespaces without names. The kernel removes them when no process uses them any more.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/descriptor.h"

namespace clusterbind::bench {

class Network {
 public:
  /// Makes a network namespace whose loopback interface is up. Throws Failure if that is not
  /// allowed.
  static Network make();

  /// Whether this process may make network namespaces.
  static bool allowed();

  /// Moves the calling process into it.
  void enter() const;

  /// Runs a program in it until it ends. Throws Failure with the program's output if it fails.
  void run(std::vector<std::string> arguments) const;

  /// A path that `ip link set ... netns` accepts.
  std::string path() const;

  /// Writes a value below /proc/sys/net of this namespace.
  void set(const std::string& name, const std::string& value) const;

 private:
  explicit Network(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
  Descriptor descriptor_;
};

/// Enters a namespace, and returns to the former one at the end of the scope.
class VisitNetwork {
 public:
  explicit VisitNetwork(const Network* network);  // null: no change
  ~VisitNetwork();
  VisitNetwork(const VisitNetwork&) = delete;
  VisitNetwork& operator=(const VisitNetwork&) = delete;

 private:
  Descriptor home_;
};

/// Two namespaces, joined by a veth pair: a node, which has its own address and the cluster
/// address, and a peer. Every Link has the same addresses.
struct Link {
  static constexpr const char* node_address = "192.0.2.10";
  static constexpr const char* source_address = "192.0.2.25";
  static constexpr const char* peer_address = "192.0.2.1";

  static constexpr uint16_t peer_port = 25;  // the peer listens there

  static Link make();

  Network node;
  Network peer;
};

/// A non-blocking listening socket on one IPv4 address or on all. With port 0 it gets a free port
/// below the ephemeral range, so that it uses none of those that connections need.
Descriptor listen_at(uint16_t port, int backlog, const std::string& address = "0.0.0.0");

/// The local port of a socket.
uint16_t port_of(int fd);

/// The ephemeral port range of the caller's network namespace.
struct PortSpan {
  unsigned low = 0, high = 0;
  unsigned count() const { return high - low + 1; }
};
PortSpan ephemeral_ports();

}  // namespace clusterbind::bench
