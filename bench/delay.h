// A network namespace with a given round-trip time.
#pragma once

#include "bench/network.h"
#include "bench/process.h"

namespace clusterbind::bench {

/// A namespace with a distant peer. If the kernel has netem, the peer is behind it. Otherwise it is
/// behind a TUN device, and a process of ours at its other end keeps each packet for half a round
/// trip and returns it with source and destination exchanged: the host then talks to itself, under
/// the peer's address. (The checksums stay correct, because both addresses count in them alike.)
class DelayedNetwork {
 public:
  explicit DelayedNetwork(double round_trip_ms);

  const Network& network() const { return network_; }
  const char* how() const { return how_; }

 private:
  void relay(double round_trip_ms);

  Network network_;
  Process relay_;
  const char* how_ = "netem";
};

}  // namespace clusterbind::bench
