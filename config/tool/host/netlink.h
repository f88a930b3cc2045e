// Requests to the kernel by netlink(7).
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace clusterbind::tool {

/// Sends one request, an nlmsghdr of this type and flags followed by `body`, on a new socket of a
/// netlink protocol (NETLINK_ROUTE, NETLINK_SOCK_DIAG), and calls `take` for each answer. Returns 0
/// or an errno value.
int ask_kernel(int protocol, uint16_t type, uint16_t flags, std::span<const std::byte> body,
               const std::function<void(const nlmsghdr&, std::span<const std::byte>)>& take);

/// Calls `take` with the type and value of each attribute of a message.
void for_each_attribute(std::span<const std::byte> attributes,
                        const std::function<void(uint16_t, std::span<const std::byte>)>& take);

}  // namespace clusterbind::tool
