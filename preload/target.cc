#include "preload/target.h"

#include <netinet/in.h>

#include <cstring>
#include <span>

namespace clusterbind {
namespace {

constexpr size_t ipv4_least = sizeof(sockaddr_in);
constexpr size_t ipv6_least = 24;  // SIN6_LEN_RFC2133 in net/ipv6/: without sin6_scope_id

/// Whether the kernel is sure to answer EFAULT: then it is its answer to give.
bool is_nowhere(const void* pointer) {
  constexpr uintptr_t first_page = 4096;
  const auto value = reinterpret_cast<uintptr_t>(pointer);
  if constexpr (sizeof(value) == 8) {
    return value < first_page || static_cast<intptr_t>(value) < 0;
  } else {
    return value < first_page || value >= UINTPTR_MAX - first_page;
  }
}

}  // namespace

bool read_target(const sockaddr* address, size_t length, size_t most, Target& target) {
  if (length < ipv4_least || length > most || is_nowhere(address)) return false;
  sa_family_t family;
  std::memcpy(&family, address, sizeof family);
  if (family == AF_INET) {
    sockaddr_in ipv4;
    std::memcpy(&ipv4, address, sizeof ipv4);
    target.address = {0, ntohl(ipv4.sin_addr.s_addr), Family::ipv4};
    target.port = ntohs(ipv4.sin_port);
    target.spelled = Family::ipv4;
    return true;
  }
  if (family != AF_INET6 || length < ipv6_least) return false;
  sockaddr_in6 ipv6;
  std::memcpy(&ipv6, address, ipv6_least);
  target.address = from_ipv6_bytes(ipv6.sin6_addr.s6_addr);
  target.port = ntohs(ipv6.sin6_port);
  target.spelled = Family::ipv6;
  return true;
}

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
