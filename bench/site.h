// The destination of the connections of a latency run.
#pragma once

#include <optional>
#include <string>

#include "bench/delay.h"
#include "bench/network.h"
#include "bench/options.h"
#include "bench/worker.h"

namespace clusterbind::bench {

struct Site {
  std::optional<DelayedNetwork> delayed;
  std::optional<Link> link;
  const Network* network = nullptr;
  Descriptor listener;
  Job job;            // destination, source, listener and network are filled in
  std::string where;  // a description of it

  bool is_loopback() const { return listener && !delayed && !link; }
  bool is_remote() const { return !listener; }
};

/// Sets up what the options ask for: loopback, a peer behind veth or behind a delay, or a real
/// peer.
void choose_site(Site& site, const Options& options);

}  // namespace clusterbind::bench
