// A network of our own whose round trip takes a given time.
#pragma once

#include "bench/network.h"
#include "bench/process.h"

namespace clusterbind::bench {

/// One namespace whose peer lies behind netem where the kernel has it; else behind a TUN device
/// whose other end, a process of ours, keeps every packet for half a round trip and returns it with
/// source and destination exchanged: the host talks to itself as to a far one, which has the peer's
/// address. (Checksums stay right: the two addresses are in them alike.)
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
