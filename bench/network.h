// Network namespaces of our own. They have no name: the kernel removes them with their last user.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/descriptor.h"

namespace clusterbind::bench {

class Network {
 public:
  /// Makes a network namespace with its loopback up. Throws Failure where that is not allowed.
  static Network make();

  /// Whether this process may make one.
  static bool allowed();

  /// Moves the calling process into it.
  void enter() const;

  /// Runs a program in it, to its end. Throws Failure with what the program said.
  void run(std::vector<std::string> arguments) const;

  /// A name that `ip link set ... netns` takes.
  std::string path() const;

  /// Writes a value under /proc/sys/net of this namespace.
  void set(const std::string& name, const std::string& value) const;

 private:
  explicit Network(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
  Descriptor descriptor_;
};

/// Back to the namespace of the time of construction, however the scope is left.
class VisitNetwork {
 public:
  explicit VisitNetwork(const Network* network);  // null: stays
  ~VisitNetwork();
  VisitNetwork(const VisitNetwork&) = delete;
  VisitNetwork& operator=(const VisitNetwork&) = delete;

 private:
  Descriptor home_;
};

/// Two namespaces with a veth pair between them: the node with its own address and the cluster
/// address, and a peer. The same addresses in every Link.
struct Link {
  static constexpr const char* node_address = "192.0.2.10";
  static constexpr const char* source_address = "192.0.2.25";
  static constexpr const char* peer_address = "192.0.2.1";

  static constexpr uint16_t peer_port = 25;  // where the peer listens

  static Link make();

  Network node;
  Network peer;
};

/// A listening socket (non-blocking) on an IPv4 address, or on all, at `port`; 0: at a free port
/// below the ephemeral range, so that it takes none of the ports that connections use.
Descriptor listen_at(uint16_t port, int backlog, const std::string& address = "0.0.0.0");

/// The port of a socket.
uint16_t port_of(int fd);

/// The ephemeral port range of the network namespace that the caller is in.
struct PortSpan {
  unsigned low = 0, high = 0;
  unsigned count() const { return high - low + 1; }
};
PortSpan ephemeral_ports();

}  // namespace clusterbind::bench
