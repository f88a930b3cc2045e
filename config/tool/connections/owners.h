// Finds the processes that hold sockets.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace clusterbind::tool {

struct Owner {
  pid_t pid = 0;
  std::string executable;
};

struct Owners {
  std::map<uint32_t, Owner> by_inode;
  bool is_complete = true;  // false: some processes could not be seen, or not their descriptors
};

/// Looks for the sockets with these inode numbers among the file descriptors of all processes. If
/// several processes hold a socket, the one with the lowest id counts.
Owners find_owners(const std::set<uint32_t>& inodes);

}  // namespace clusterbind::tool
