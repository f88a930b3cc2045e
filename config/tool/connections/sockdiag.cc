#include "config/tool/connections/sockdiag.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>

#include "config/tool/host/netlink.h"

namespace clusterbind::tool {
namespace {

Address address_of(uint8_t family, const __be32 (&words)[4]) {
  std::array<uint8_t, 16> bytes;
  std::memcpy(bytes.data(), words, sizeof words);
  return family == AF_INET ? from_ipv4_bytes(std::span<const uint8_t, 16>(bytes).first<4>())
                           : from_ipv6_bytes(bytes);
}

bool has_no_port(std::span<const std::byte> attributes) {
  bool no_port = false;
  for_each_attribute(attributes, [&](uint16_t type, std::span<const std::byte> value) {
    inet_diag_sockopt options = {};
    if (type == INET_DIAG_SOCKOPT && value.size() >= sizeof options) {
      std::memcpy(&options, value.data(), sizeof options);
      no_port = options.bind_address_no_port != 0;
    }
  });
  return no_port;
}

void take(std::span<const std::byte> body, TcpSockets& out) {
  inet_diag_msg message = {};
  if (body.size() < sizeof message) {
    return;
  }
  std::memcpy(&message, body.data(), sizeof message);
  const uint16_t port = ntohs(message.id.idiag_sport);
  if (message.idiag_state == TCP_LISTEN) {
    out.listening.push_back(port);
    return;
  }
  out.connections.push_back({address_of(message.idiag_family, message.id.idiag_src),
                             address_of(message.idiag_family, message.id.idiag_dst), port,
                             ntohs(message.id.idiag_dport), message.idiag_state,
                             message.idiag_inode, has_no_port(body.subspan(sizeof message))});
}

int list_family(uint8_t family, TcpSockets& out) {
  inet_diag_req_v2 request = {};
  request.sdiag_family = family;
  request.sdiag_protocol = IPPROTO_TCP;
  // Sockets in SYN-RECV are incoming connections.
  request.idiag_states = ~(1U << TCP_CLOSE | 1U << TCP_SYN_RECV);
  return ask_kernel(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP,
                    std::as_bytes(std::span(&request, 1)),
                    [&](const nlmsghdr&, std::span<const std::byte> body) { take(body, out); });
}

}  // namespace

int list_tcp(TcpSockets& out) {
  const int ipv4 = list_family(AF_INET, out);
  // A kernel without IPv6 has no IPv6 sockets.
  const int ipv6 = list_family(AF_INET6, out);
  std::sort(out.listening.begin(), out.listening.end());
  return ipv4 != 0 || ipv6 == ENOENT ? ipv4 : ipv6;
}

std::string_view state_name(uint8_t state) {
  switch (state) {
    case TCP_ESTABLISHED:
      return "ESTABLISHED";
    case TCP_SYN_SENT:
      return "SYN-SENT";
    case TCP_SYN_RECV:
      return "SYN-RECV";
    case TCP_FIN_WAIT1:
      return "FIN-WAIT-1";
    case TCP_FIN_WAIT2:
      return "FIN-WAIT-2";
    case TCP_TIME_WAIT:
      return "TIME-WAIT";
    case TCP_CLOSE:
      return "CLOSE";
    case TCP_CLOSE_WAIT:
      return "CLOSE-WAIT";
    case TCP_LAST_ACK:
      return "LAST-ACK";
    case TCP_LISTEN:
      return "LISTEN";
    case TCP_CLOSING:
      return "CLOSING";
    default:
      return "";
  }
}

}  // namespace clusterbind::tool
