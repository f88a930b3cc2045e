#include "preload/fresh.h"

#include <errno.h>

#include "preload/attempt.h"
#include "preload/real.h"

namespace clusterbind {
namespace {

/// No fresh socket after all, or it can't be bound.
[[gnu::noinline, gnu::cold]] int connect_otherwise(int fd, const sockaddr* address,
                                                   socklen_t length, const Asked* asked) {
  Target target;
  read_taken_target(address, target);
  return Attempt(fd, target, Call::connect, asked).run(target, [=] {
    return real::connect(fd, address, length);
  });
}

/// The socket was bound, and the real call failed.
[[gnu::noinline, gnu::cold]] int finish(int fd, const sockaddr* address, socklen_t length,
                                        const Rule& rule, const Asked& asked, int result) {
  Target target;
  read_taken_target(address, target);
  if (!Attempt(fd, rules_in_force(), rule, asked).is_due_again(target)) return result;
  return real::connect(fd, address, length);
}

/// To an AF_INET address within `prefix`. Rules that are silent are never replaced, so that the
/// prefix stays right. Apart, so that the way of most calls needs no stack.
[[gnu::noinline, gnu::hot]] int connect_within(int fd, const sockaddr* address, socklen_t length,
                                               const Node& prefix, const Rules& rules) {
  Target target;
  read_taken_target(address, target);
  const Match match = rules.ruleset.lookup(prefix, target.port);
  const uint32_t first = match[Protocol::tcp];
  const bool for_tcp_alone = match[Protocol::udp] == no_rule && match[Protocol::other] == no_rule;
  if (for_tcp_alone && first == no_rule) return real::connect(fd, address, length);
  if (!for_tcp_alone || rules.list[first].action != Action::bind || rules.spread) [[unlikely]]
    return connect_otherwise(fd, address, length, nullptr);

  const Rule& rule = rules.list[first];
  Asked asked;
  asked.before = errno;
  if (read_protocol(fd) != Protocol::tcp) [[unlikely]] {
    errno = asked.before;
    return real::connect(fd, address, length);
  }
  asked.error = read_name(fd, asked.name);
  bool bound = asked.error == 0 && asked.name.is_fresh_ipv4();
  if (bound) [[likely]] {
    ask_for_no_port(fd);
    bound = bind_to_ipv4(fd, rule.ipv4) == 0;
  }
  errno = asked.before;
  if (!bound) [[unlikely]]
    return connect_otherwise(fd, address, length, &asked);
  const int result = real::connect(fd, address, length);
  if (result == 0 || !has_failed(errno)) [[likely]]
    return result;
  return finish(fd, address, length, rule, asked, result);
}

}  // namespace

[[gnu::hot]] int connect_by_rules(int fd, const sockaddr* address, socklen_t length) {
  Target target;
  if (!read_target(address, length, address_most, target)) {
    return real::connect(fd, address, length);
  }
  const Rules* rules = in_force.load(std::memory_order_acquire);
  if (target.spelled != Family::ipv4 || rules == nullptr || !rules->silent) [[unlikely]]
    return connect_otherwise(fd, address, length, nullptr);
  if (!rules->ruleset.may_act_on(target.port)) return real::connect(fd, address, length);
  const Node* prefix = rules->ruleset.prefix_of_ipv4(static_cast<uint32_t>(target.address.low));
  if (prefix == nullptr) return real::connect(fd, address, length);
  return connect_within(fd, address, length, *prefix, *rules);
}

}  // namespace clusterbind
