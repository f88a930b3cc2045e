#include "preload/calls.h"

#include <errno.h>

#include "preload/connection.h"
#include "preload/decision.h"
#include "preload/load.h"
#include "preload/log.h"
#include "preload/real.h"
#include "preload/socket.h"

namespace clusterbind {
namespace {

/// Whether the library has bound a connected socket: its address is one that the rule for its peer
/// names.
[[gnu::cold]] bool was_bound_for_its_peer(int fd, const Rules& rules, const Endpoint& local) {
  const int type = socket_type(fd);
  if (type != SOCK_STREAM && type != SOCK_DGRAM) return false;
  // If the option is not set, the program itself has bound the socket.
  if (int_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT) != 1) return false;
  Name name;
  Endpoint peer;
  if (read_peer(fd, name) != 0 || !read_endpoint(name, peer)) return false;
  const Match match = rules.ruleset.lookup(peer.address, peer.port);
  const uint32_t first = match[read_protocol(fd)];
  if (first == no_rule || rules.list[first].action != Action::bind) return false;
  return names_source(rules.list[first], rules.sources, local.address);
}

/// connect(2) with AF_UNSPEC, which disconnects the socket. If the library has bound the socket, it
/// is unbound as well, so that its next destination is matched against the rules again.
[[gnu::cold]] int disconnect_by_rules(int fd, const sockaddr* address, socklen_t length) {
  const int before = errno;
  const Rules& rules = rules_in_force();
  Name name;
  Endpoint local;
  const bool ours = rules.ruleset.has_sources() && read_name(fd, name) == 0 &&
                    read_endpoint(name, local) && rules.ruleset.is_source(local.address) &&
                    was_bound_for_its_peer(fd, rules, local);
  errno = before;
  const int result = real::connect(fd, address, length);
  if (!ours || result != 0) return result;
  unbind(fd, local.socket_family);
  if (rules.spread) unspread_ports(fd);
  errno = before;
  return result;
}

/// For an address that no rule can match.
[[gnu::noinline]] int connect_elsewhere(int fd, const sockaddr* address, socklen_t length) {
  if (!is_unspecified(address, length)) return real::connect(fd, address, length);
  return disconnect_by_rules(fd, address, length);
}

/// Whether the call needs more than the real call: a rule acts on it, or it may have to be logged.
bool matters(const Rules& rules, const Match& match, Call call) {
  return acts_for(match, rules.list, call) || logs(rules, LogLevel::info);
}

/// For a call that a rule may match, or that may have to be logged. `prefix` is the innermost
/// prefix around the destination, or null if it is not known. A function of its own, so that most
/// calls, which never come here, need no stack frame.
[[gnu::noinline, gnu::hot]] int connect_within(int fd, const sockaddr* address, socklen_t length,
                                               const Rules& rules, const Node* prefix) {
  Target target;
  read_taken_target(address, target);
  const auto real = [=] { return real::connect(fd, address, length); };
  if (prefix == nullptr && rules.silent && !rules.ruleset.may_act_on(target.port)) return real();
  const Match match =
      prefix != nullptr ? rules.ruleset.lookup(*prefix, target.port) : rules.match(target);
  if (!matters(rules, match, Call::connect)) return real();
  return Connection(fd, target, rules, Call::connect).run(match, real);
}

}  // namespace

long send_by_rules(int fd, const Target& target, RealCall call) {
  const auto real = [&] { return call.function(call.context); };
  const Rules& rules = rules_for_connection();
  if (rules.silent && !rules.ruleset.may_act_on(target.port)) return real();
  const Match match = rules.match(target);
  if (!matters(rules, match, Call::message)) return real();
  return Connection(fd, target, rules, Call::message).run(match, real);
}

// Most calls of a process match no rule. They end in this function, after some 46 instructions
// (bench/bounds.h has the promised bound).
[[gnu::hot]] int connect_by_rules(int fd, const sockaddr* address, socklen_t length) {
  Target target;
  if (!read_target(address, length, address_most, target)) [[unlikely]]
    return connect_elsewhere(fd, address, length);
  const Rules* const in_force_now = in_force.load(std::memory_order_acquire);
  if (in_force_now == nullptr || !in_force_now->silent) [[unlikely]]
    return connect_within(fd, address, length, rules_for_connection(), nullptr);
  const Rules& rules = *in_force_now;
  if (!rules.ruleset.may_act_on(target.port)) return real::connect(fd, address, length);
  if (target.spelled == Family::ipv6) return connect_within(fd, address, length, rules, nullptr);
  const Node* const prefix =
      rules.ruleset.prefix_of_ipv4(static_cast<uint32_t>(target.address.low));
  if (prefix == nullptr) return real::connect(fd, address, length);
  return connect_within(fd, address, length, rules, prefix);
}

}  // namespace clusterbind
