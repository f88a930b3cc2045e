// Other ways to give a connection its source address, each in network namespaces of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/network.h"
#include "bench/process.h"

namespace clusterbind::bench {

/// One of them, set up. What it made goes with it.
struct Rival {
  std::string name;
  std::string note;
  bool binds = true;  // the peer sees Link::source_address
  Link link;
  Descriptor listener;  // in link.peer
  Command where;        // what a process needs to be served by it
  std::unique_ptr<Descriptor> configuration;
};

/// Sets up all that this host allows; `missing` receives a line for each of the others.
/// The first two are plain connections: what another namespace and process alone change.
std::vector<std::unique_ptr<Rival>> make_rivals(std::vector<std::string>& missing);

}  // namespace clusterbind::bench
