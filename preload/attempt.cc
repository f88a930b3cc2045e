#include "preload/attempt.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "preload/log.h"
#include "preload/presence.h"

namespace clusterbind {
namespace {

bool acts_for(const Match& match, std::span<const Rule> rules, Call call) {
  if (acts(match, rules, Protocol::tcp)) return true;
  return call == Call::connect &&
         (acts(match, rules, Protocol::udp) || acts(match, rules, Protocol::other));
}

}  // namespace

Attempt::Attempt(int fd, const Target& target, Call call) : fd_(fd) {
  const Rules& rules = rules_for_connection();
  if (rules.idle || is_none_of_ours_ipv6(rules, target)) return;
  const Match match = rules.match(target);
  if (!acts_for(match, rules.list(), call) && !logs(rules, LogLevel::info)) return;
  const int before = errno;
  decide(rules, match, target, call);
  errno = refused_ ? error_ : before;
}

void Attempt::decide(const Rules& rules, const Match& match, const Target& target, Call call) {
  Protocol protocol = Protocol::tcp;
  if (call == Call::message || !same_for_all(match)) {
    read_protocol(fd_, protocol);  // where that fails, read_local() says more
    if (call == Call::message && protocol != Protocol::tcp) return;
  }
  const bool matched = match[protocol] != no_rule;
  if (!matched && !logs(rules, LogLevel::debug)) return;
  const int error = read_local(fd_, local_);
  if (error != 0 ? !is_ip_socket(fd_) : !takes_family(target)) return;
  if (!matched) return log_no_rule(rules, target);
  const Rule& rule = rules.list()[match[protocol]];
  if (error != 0 && rule.action == Action::bind) {
    return fall_back(rules, rule, target, strerrordesc_np(error));
  }
  apply(rules, rule, target);
}

/// Whether the kernel takes an address of this spelling on the socket: an IPv4 address on an IPv6
/// socket is for datagram sockets only (__ip6_datagram_connect() in net/ipv6/datagram.c).
bool Attempt::takes_family(const Target& target) const {
  if (target.spelled == local_.socket) return true;
  if (target.spelled == Family::ipv6) return false;
  const int type = socket_type(fd_);
  return type == SOCK_DGRAM || type == SOCK_RAW;
}

void Attempt::apply(const Rules& rules, const Rule& rule, const Target& target) {
  switch (rule.action) {
    case Action::direct:
      return log_direct(rules, rule, target);
    case Action::refuse:
      if (rules.wrong) {
        log_wrong_rules(rules, target);
        return refuse(EADDRNOTAVAIL);
      }
      log_refused(rules, rule, target);
      return refuse(ECONNREFUSED);
    case Action::bind:
      return bind(rules, rule, target);
  }
}

Way Attempt::way(const Rule& rule, bool ours) const {
  const Way chosen = way_for(rule, local_, ours);
  if (local_.port == 0 || ours) return chosen;
  if (chosen == Way::leave) return is_mptcp(fd_) ? Way::bind : Way::leave;
  if (rule.protocol != ProtocolClause::any && socket_type(fd_) == SOCK_RAW) return Way::leave;
  return chosen;
}

int Attempt::bind_to(const Address& source) {
  if (source.family == Family::ipv6) was_dual_ = v6only(fd_) == 0;
  return bind_source(fd_, local_.socket, source);
}

void Attempt::bind(const Rules& rules, const Rule& rule, const Target& target) {
  const Address& source = source_of(rule, target.address.family);
  const bool wildcard = is_wildcard(local_.address);
  const bool ours = !wildcard && rules.ruleset.is_source(local_.address);
  const Way chosen = way(rule, ours);
  if (chosen == Way::leave) return;
  Undo undo_later = wildcard || ours ? Undo::unbind : Undo::own_address;
  int error = bind_to(source);
  if (error == EINVAL && chosen == Way::release) {
    const Release released = release_port(fd_, local_.port, rules.process->ephemeral);
    if (released == Release::busy) return;
    if (released == Release::impossible) {
      forget_no_port(fd_);
      return fall_back(rules, rule, target, "the program has bound the socket to a port");
    }
    undo_later = Undo::own_port;
    error = bind_to(source);
  }
  const bool bound = error == 0;
  if (bound && bind_takes_anything(source.family) && !node_holds(source)) error = EADDRNOTAVAIL;
  if (error == 0) {
    undo_ = undo_later;
    if (rules.spread) spread_ports(fd_);
    if (logs(rules, LogLevel::info)) log_bound(rules, rule, source, target);
    return;
  }
  if (!bound && undo_later != Undo::own_port) {
    // The kernel does not allow it: the program has bound an address of ours and a port, or one of
    // its own (MPTCP).
    if (error == EINVAL && (ours || (!wildcard && !rule.override_program))) return;
    if (kernel_has_an_answer(fd_, error, local_, target)) return;
  }
  const bool bound_before = ours && local_.port == 0;
  if (bound || bound_before || undo_later == Undo::own_port) undo_ = undo_later;
  undo();
  fall_back(rules, rule, target, strerrordesc_np(error));
}

void Attempt::fall_back(const Rules& rules, const Rule& rule, const Target& target,
                        std::string_view reason) {
  log_cannot_bind(rules, rule, source_of(rule, target.address.family), target, reason);
  if (rule.fallback == Fallback::refuse) refuse(EADDRNOTAVAIL);
}

void Attempt::refuse(int error) {
  refused_ = true;
  error_ = error;
}

void Attempt::undo() {
  const Undo what = undo_;
  undo_ = Undo::nothing;
  if (what == Undo::nothing) return;
  unbind(fd_, local_.socket);
  if (was_dual_) set_v6only(fd_, 0);
  if (what == Undo::unbind) return;
  if (what == Undo::own_port) forget_no_port(fd_);
  bind_own(fd_, local_);
}

void Attempt::failed() {
  const int error = errno;
  if (error == EINPROGRESS || error == EALREADY || error == EINTR || error == EISCONN) return;
  undo();
  errno = error;
}

}  // namespace clusterbind
