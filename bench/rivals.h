// Other ways to give a connection a source address, each in network namespaces of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/network.h"
#include "bench/process.h"

namespace clusterbind::bench {

/// One such way, ready to be measured. The destructor removes what it has set up.
struct Rival {
  std::string name;
  std::string note;
  bool binds = true;  // the peer sees Link::source_address
  Link link;
  Descriptor listener;  // in link.peer's namespace
  Command where;        // how to start a process that uses it
  std::unique_ptr<Descriptor> configuration;
};

/// Sets up all that this host allows, and adds a line to `missing` for each that it does not. The
/// first two are plain connections, which show the effect of another namespace and process alone.
std::vector<std::unique_ptr<Rival>> make_rivals(std::vector<std::string>& missing);

}  // namespace clusterbind::bench
