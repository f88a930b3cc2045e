// Tests what is known about a socket and what a bind rule does with it. The table in "What happens
// to a connection" of libclusterbind(8) is written down here a second time and compared for every
// combination of facts.
#include "preload/socket.h"

#include <string>

#include "preload/decision.h"
#include "tests/catch.h"

namespace clusterbind::test {
namespace {

constexpr bool no_yes[] = {false, true};

/// The table, row by row, in the order of its sentences.
Way slow_way(const Facts& facts) {
  const bool wildcard = facts.owner == Owner::nobody;
  const bool datagram = facts.kind == SocketKind::datagram;
  const bool raw = facts.kind == SocketKind::raw;
  if (raw && !facts.for_any_protocol) return Way::leave_alone;
  if (wildcard && !facts.has_port) return Way::bind;  // not bound
  if (facts.owner == Owner::rule) return Way::keep;   // the rule names its address
  if (datagram && facts.has_port) {
    if (wildcard || facts.connected || facts.overrides) return Way::move;
    const bool free = facts.owner == Owner::other_rule || facts.name_left_behind;
    return free ? Way::bind : Way::leave_alone;
  }
  if (wildcard) return Way::release;  // the kernel's port
  if (facts.overrides) return facts.has_port ? Way::release : Way::bind;
  if (facts.owner == Owner::other_rule) return Way::bind;  // matched against the rules again
  const bool nobodys = facts.has_port && facts.name_left_behind && !raw;
  return nobodys ? Way::bind : Way::leave_alone;  // the program has chosen
}

std::string described(const Facts& facts) {
  return "owner " + std::to_string(static_cast<int>(facts.owner)) + ", kind " +
         std::to_string(static_cast<int>(facts.kind)) + (facts.has_port ? ", port" : "") +
         (facts.connected ? ", connected" : "") + (facts.name_left_behind ? ", left behind" : "") +
         (facts.overrides ? ", override" : "") + (facts.for_any_protocol ? ", proto any" : "");
}

}  // namespace

TEST_CASE("Every combination of facts leads to what the table says") {
  size_t count = 0;
  for (const Owner owner : {Owner::nobody, Owner::rule, Owner::other_rule, Owner::program}) {
    for (const SocketKind kind : {SocketKind::stream, SocketKind::datagram, SocketKind::raw}) {
      for (const bool port : no_yes) {
        for (const bool connected : no_yes) {
          for (const bool left : no_yes) {
            for (const bool overrides : no_yes) {
              for (const bool any : no_yes) {
                const Facts facts = {owner, port, kind, connected, left, overrides, any};
                INFO(described(facts));
                CHECK(way_for(facts) == slow_way(facts));
                ++count;
              }
            }
          }
        }
      }
    }
  }
  CHECK(count == size_t{4} * 3 * 2 * 2 * 2 * 2 * 2);
}

TEST_CASE("The protocol of a socket, from SO_PROTOCOL and SO_TYPE") {
  struct Row {
    int protocol;
    int type;
    Protocol expected;
  };
  const Row rows[] = {
      {IPPROTO_TCP, SOCK_STREAM, Protocol::tcp},
      {IPPROTO_MPTCP, SOCK_STREAM, Protocol::tcp},
      {256, SOCK_STREAM, Protocol::tcp},  // IPPROTO_SMC
      {0, SOCK_STREAM, Protocol::tcp},    // AF_SMC over IPv4, SMCPROTO_SMC
      {1, SOCK_STREAM, Protocol::tcp},    // AF_SMC over IPv6, SMCPROTO_SMC6
      {1, SOCK_DGRAM, Protocol::other},   // IPPROTO_ICMP: ping
      {1, SOCK_RAW, Protocol::other},
      {0, SOCK_DGRAM, Protocol::udp},
      {IPPROTO_UDP, SOCK_DGRAM, Protocol::udp},
      {IPPROTO_SCTP, SOCK_STREAM, Protocol::other},
      {IPPROTO_RAW, SOCK_RAW, Protocol::other},
      {-1, SOCK_STREAM, Protocol::tcp},  // the kernel does not tell the protocol
      {-1, SOCK_DGRAM, Protocol::udp},
      {-1, SOCK_RAW, Protocol::other},
      {-1, -1, Protocol::tcp},
  };
  for (const Row& row : rows) {
    INFO(row.protocol << ", " << row.type);
    CHECK(protocol_of(row.protocol, row.type) == row.expected);
  }
}

TEST_CASE("On aarch64 a pointer with a tag in its top byte is no kernel address") {
  constexpr uint64_t user = 0x0000'7fff'1234'5678;
  constexpr uint64_t kernel = 0xffff'8000'1234'5678;
  constexpr uint64_t tagged = 0xb400'7fff'1234'5678;
  CHECK_FALSE(is_in_kernels_half(user, true));
  CHECK_FALSE(is_in_kernels_half(user, false));
  CHECK(is_in_kernels_half(kernel, true));
  CHECK(is_in_kernels_half(kernel, false));
  CHECK_FALSE(is_in_kernels_half(tagged, true));
  CHECK(is_in_kernels_half(tagged, false));
}

}  // namespace clusterbind::test
