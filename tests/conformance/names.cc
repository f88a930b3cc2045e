#include "tests/conformance/names.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

#include "tests/support/network.h"

namespace clusterbind::test {
namespace {

constexpr const char* destinations[] = {
    "127.0.0.1",   "127.0.0.1",        "127.0.0.1",        "127.0.0.9",      "::1", "::1",
    "::1",         "::ffff:127.0.0.1", "::ffff:127.0.0.1", "0.0.0.0",        "::",  "192.0.2.9",
    "2001:db8::9", "224.0.0.1",        "ff02::1",          "255.255.255.255"};
constexpr const char* locals[] = {
    "0.0.0.0", "0.0.0.0",           "::",        "::",          "127.0.0.1", "127.0.0.77",
    "::1",     "::ffff:127.0.0.77", "192.0.2.9", "2001:db8::9", "224.0.0.1"};
constexpr uint16_t ephemeral = 32768;

void set_address(const char* text, uint16_t port, Name& name) {
  sockaddr_in ipv4 = {};
  sockaddr_in6 ipv6 = {};
  if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(port);
    std::memcpy(&name.storage, &ipv4, sizeof ipv4);
    name.length = sizeof ipv4;
  } else {
    inet_pton(AF_INET6, text, &ipv6.sin6_addr);
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(port);
    std::memcpy(&name.storage, &ipv6, sizeof ipv6);
    name.length = sizeof ipv6;
  }
  name.pointer = reinterpret_cast<const sockaddr*>(&name.storage);
  name.text = joined(text, " ", port);
}

/// Makes one address in six invalid: its length, pointer or family. `unix_too` allows AF_UNIX, but
/// not for bind, which would leave a socket in the file system.
void spoil(Random& random, bool unix_too, Name& name) {
  if (!random.chance(6)) return;
  switch (random.below(4)) {
    case 0:
    case 1:
      name.length = random.below(131);
      name.text += joined(" length ", name.length);
      return;
    case 2: {
      // Pointers that the library passes on: NULL, in the first page, and in the kernel's half.
      constexpr uintptr_t nowhere[] = {0, 16, 4095, UINTPTR_MAX / 2 + 1, UINTPTR_MAX};
      const uintptr_t value = random.pick(nowhere);
      name.pointer = reinterpret_cast<const sockaddr*>(value);  // NOLINT(performance-no-int-to-ptr)
      name.text += joined(" pointer ", value);
      return;
    }
    default: {
      constexpr sa_family_t families[] = {AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, 255};
      name.storage.ss_family = random.pick(families);
      if (!unix_too && name.storage.ss_family == AF_UNIX) name.storage.ss_family = AF_UNSPEC;
      name.text += joined(" family ", name.storage.ss_family);
    }
  }
}

/// The address as IPv6, IPv4 as IPv4-mapped; the wildcard address for other families.
in6_addr as_ipv6(const sockaddr_storage& storage) {
  in6_addr result = IN6ADDR_ANY_INIT;
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 ipv6;
    std::memcpy(&ipv6, &storage, sizeof ipv6);
    result = ipv6.sin6_addr;
  } else if (storage.ss_family == AF_INET) {
    sockaddr_in ipv4;
    std::memcpy(&ipv4, &storage, sizeof ipv4);
    result.s6_addr32[2] = htonl(0xffff);
    result.s6_addr32[3] = ipv4.sin_addr.s_addr;
  }
  return result;
}

}  // namespace

void random_destination(Random& random, bool full, Name& name) {
  uint16_t port = open_port;
  switch (random.below(8)) {
    case 0:
    case 1:
      port = closed_port;
      break;
    case 2:
      port = static_cast<uint16_t>(first_own_port + random.below(own_ports));
      break;
    case 3:
      if (full) port = full_port;
      break;
    case 4:
      if (random.chance(4)) port = 0;
      break;
    default:
      break;
  }
  set_address(random.pick(destinations), port, name);
  spoil(random, true, name);
}

void random_local(Random& random, Name& name) {
  const bool fixed = random.chance(3);
  set_address(random.pick(locals),
              fixed ? static_cast<uint16_t>(first_own_port + random.below(own_ports)) : uint16_t{0},
              name);
  spoil(random, false, name);
}

bool is_source_of_rules(const sockaddr_storage& storage) {
  const in6_addr address = as_ipv6(storage);
  in6_addr ours;
  inet_pton(AF_INET6, source6, &ours);
  if (IN6_IS_ADDR_V4MAPPED(&address)) return address.s6_addr32[3] == inet_addr(source4);
  return IN6_ARE_ADDR_EQUAL(&address, &ours);
}

bool is_ipv4(const sockaddr_storage& storage) {
  const in6_addr address = as_ipv6(storage);
  return IN6_IS_ADDR_V4MAPPED(&address);
}

bool is_wildcard(const sockaddr_storage& storage) {
  const in6_addr address = as_ipv6(storage);
  if (is_ipv4(storage)) return address.s6_addr32[3] == 0;
  return storage.ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&address);
}

bool is_loopback_ipv6(const sockaddr_storage& storage) {
  const in6_addr address = as_ipv6(storage);
  return IN6_IS_ADDR_LOOPBACK(&address) || (!is_ipv4(storage) && is_source_of_rules(storage));
}

bool is_matched(const Name& name) {
  const sa_family_t family = name.storage.ss_family;
  const socklen_t least = family == AF_INET ? sizeof(sockaddr_in) : 24;
  if ((family != AF_INET && family != AF_INET6) || name.length < least || name.length > 128 ||
      name.pointer != reinterpret_cast<const sockaddr*>(&name.storage)) {
    return false;
  }
  const in6_addr address = as_ipv6(name.storage);
  return IN6_IS_ADDR_LOOPBACK(&address) || (is_ipv4(name.storage) && address.s6_addr[12] == 127);
}

std::string shown(const sockaddr_storage& storage, socklen_t length) {
  if (length == 0) return "none";
  char address[INET6_ADDRSTRLEN] = "";
  uint16_t port = 0;
  if (storage.ss_family == AF_INET) {
    sockaddr_in ipv4;
    std::memcpy(&ipv4, &storage, sizeof ipv4);
    inet_ntop(AF_INET, &ipv4.sin_addr, address, sizeof address);
    port = ntohs(ipv4.sin_port);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 ipv6;
    std::memcpy(&ipv6, &storage, sizeof ipv6);
    inet_ntop(AF_INET6, &ipv6.sin6_addr, address, sizeof address);
    port = ntohs(ipv6.sin6_port);
  } else {
    return joined("family ", storage.ss_family);
  }
  std::string text = address;
  if (text == source4) text = "127.0.0.1";
  if (text == std::string("::ffff:") + source4) text = "::ffff:127.0.0.1";
  if (text == source6) text = "::1";
  return joined(text, " ", port >= ephemeral ? "ephemeral" : std::to_string(port), " length ",
                length);
}

}  // namespace clusterbind::test
