#include "config/tool/host/host.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <vector>

#include "config/tool/host/files.h"
#include "config/tool/host/netlink.h"
#include "config/tool/host/sockets.h"

namespace clusterbind::tool {
namespace {

constexpr uint16_t discard_port = 9;  // nothing is sent, so any port will do

/// 240.0.0.1 (reserved, RFC 1112) and 100::1 (discard-only, RFC 6666).
constexpr Address held_by_none[] = {{0, 0xf0000001, Family::ipv4},
                                    {uint64_t{0x0100} << 48, 1, Family::ipv6}};

Descriptor datagram_socket(Family family) {
  return Descriptor(socket(domain_of(family), SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

/// Returns 0 or an errno value.
int bind_to(const Descriptor& probe, const Address& address) {
  const SocketAddress name(address, 0);
  return bind(probe.get(), name.get(), name.length) == 0 ? 0 : errno;
}

/// Connects by a system call, not by libc's connect: if this tool itself runs under the library, no
/// rule must be applied.
int connect_to(const Descriptor& probe, const Address& address) {
  const SocketAddress name(address, discard_port);
  return syscall(SYS_connect, probe.get(), name.get(), name.length) == 0 ? 0 : errno;
}

Held unknown(const char* call, int error) {
  return {Presence::unknown, fmt::format("{}: {}", call, error_text(error))};
}

/// A kernel without IPv6 holds no IPv6 address. But a sandbox may forbid the family with the same
/// errno; /proc/net/if_inet6 then still exists.
Held without_socket(Family family, int error) {
  const bool has_no_ipv6 = family == Family::ipv6 && error == EAFNOSUPPORT &&
                           exists("/proc/net/dev") && !exists("/proc/net/if_inet6");
  return has_no_ipv6 ? Held{Presence::absent, {}} : unknown("socket", error);
}

/// Whether bind accepts addresses that this host does not hold: net.ipv4.ip_nonlocal_bind and
/// net.ipv6.ip_nonlocal_bind.
bool bind_takes_anything(Family family) {
  const Descriptor probe = datagram_socket(family);
  return probe.valid() && bind_to(probe, held_by_none[static_cast<size_t>(family)]) == 0;
}

/// Whether the kernel uses the address itself as the source of a connection to it.
Held held_by_connecting(const Descriptor& probe, const Address& address) {
  const int error = connect_to(probe, address);
  switch (error) {
    case 0: {
      const auto local = local_address(probe.get());
      const bool is_own = local && local->address() == address;
      return {is_own ? Presence::here : Presence::absent, {}};
    }
    case EADDRNOTAVAIL:
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EINVAL:
      return {Presence::absent, {}};
    default:
      return unknown("connect", error);
  }
}

/// bind always accepts a network's broadcast address, but no connection leaves from it. A
/// sandbox may forbid connect with the errno that the kernel has for a broadcast: socket(7),
/// SO_BROADCAST.
bool is_broadcast(const Descriptor& bound, const Address& address) {
  const int on = 1;
  return address.family == Family::ipv4 && connect_to(bound, address) == EACCES &&
         setsockopt(bound.get(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on) == 0 &&
         connect_to(bound, address) == 0;
}

template <typename Struct>
void append_bytes(std::vector<std::byte>& message, const Struct& part) {
  const auto bytes = std::as_bytes(std::span(&part, 1));
  message.insert(message.end(), bytes.begin(), bytes.end());
}

/// The address in the answer of rtnetlink(7): RTA_PREFSRC.
std::optional<Address> preferred_source(std::span<const std::byte> body) {
  std::optional<Address> source;
  if (body.size() < sizeof(rtmsg)) {
    return source;
  }
  for_each_attribute(body.subspan(sizeof(rtmsg)),
                     [&](uint16_t type, std::span<const std::byte> value) {
                       uint8_t bytes[16] = {};
                       if (type != RTA_PREFSRC || value.size() > sizeof bytes) {
                         return;
                       }
                       std::memcpy(bytes, value.data(), value.size());
                       if (value.size() == 4) {
                         source = from_ipv4_bytes(std::span<const uint8_t, 16>(bytes).first<4>());
                       } else if (value.size() == 16) {
                         source = from_ipv6_bytes(bytes);
                       }
                     });
  return source;
}

/// The kernel's choice by a request of its routing, for a sandbox that has netlink alone, as that
/// of clusterbind-audit.service.
std::optional<Address> choice_by_route(const Address& destination) {
  const bool is_ipv4 = destination.family == Family::ipv4;
  rtmsg request = {};
  request.rtm_family = static_cast<unsigned char>(domain_of(destination.family));
  request.rtm_dst_len = static_cast<unsigned char>(bits(destination.family));
  rtattr attribute = {};
  attribute.rta_type = RTA_DST;
  attribute.rta_len = static_cast<unsigned short>(RTA_LENGTH(is_ipv4 ? 4 : 16));
  std::vector<std::byte> body;
  append_bytes(body, request);
  append_bytes(body, attribute);
  is_ipv4 ? append_bytes(body, ipv4_bytes(destination))
          : append_bytes(body, ipv6_bytes(destination));
  std::optional<Address> source;
  ask_kernel(NETLINK_ROUTE, RTM_GETROUTE, 0, body,
             [&](const nlmsghdr&, std::span<const std::byte> answer) {
               source = preferred_source(answer);
             });
  return source;
}

}  // namespace

std::optional<Address> kernels_choice(const Address& destination) {
  const Descriptor probe = datagram_socket(destination.family);
  if (!probe.valid()) {
    return choice_by_route(destination);
  }
  if (connect_to(probe, destination) != 0) {
    return std::nullopt;
  }
  const auto local = local_address(probe.get());
  return local ? local->address() : std::nullopt;
}

Held held_by_this_host(const Address& address) {
  const Descriptor bound = datagram_socket(address.family);
  if (!bound.valid()) {
    return without_socket(address.family, errno);
  }
  if (const int error = bind_to(bound, address); error != 0) {
    return error == EADDRNOTAVAIL ? Held{Presence::absent, {}} : unknown("bind", error);
  }
  if (is_broadcast(bound, address)) {
    return {Presence::broadcast, {}};
  }
  if (!bind_takes_anything(address.family)) {
    return {Presence::here, {}};
  }
  // For a second IPv4 address of a network the kernel would choose the first one as the source. So
  // the probe binds to the address; connecting from an IPv4 address that is not held fails.
  const Descriptor probe = datagram_socket(address.family);
  if (address.family == Family::ipv4) {
    if (const int error = bind_to(probe, address); error != 0) {
      return unknown("bind", error);
    }
  }
  return held_by_connecting(probe, address);
}

}  // namespace clusterbind::tool
