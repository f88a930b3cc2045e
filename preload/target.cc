#include "preload/target.h"

#include <cstring>

namespace clusterbind {

bool read_target(const msghdr* message, Target& target) {
  if (is_nowhere(message)) return false;
  msghdr header;
  std::memcpy(&header, message, sizeof header);
  // msg_namelen is an int to the kernel, and a negative one is an error.
  if (static_cast<int>(header.msg_namelen) < 0) return false;
  return read_target(static_cast<const sockaddr*>(header.msg_name), header.msg_namelen, SIZE_MAX,
                     target);
}

}  // namespace clusterbind
