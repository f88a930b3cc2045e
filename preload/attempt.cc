#include "preload/attempt.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "preload/log.h"
#include "preload/presence.h"

namespace clusterbind {
namespace {

/// Whether the kernel takes an address of this spelling on the socket: an IPv4 address on an IPv6
/// socket is for datagram sockets only (__ip6_datagram_connect() in net/ipv6/datagram.c).
bool takes_family(int fd, const Local& local, const Target& target) {
  if (target.spelled == local.socket) return true;
  if (target.spelled == Family::ipv6) return false;
  const int type = socket_type(fd);
  return type == SOCK_DGRAM || type == SOCK_RAW;
}

/// Whether the socket holds no port although it has a name with one, as far as can be seen: a
/// connect that failed has left the name behind. MPTCP leaves it anyway, TCP where the kernel
/// remembers that the socket was bound to an address, even after it was unbound: it was by us. Says
/// nothing of a raw socket.
bool is_left_behind(int fd) {
  return is_mptcp(fd) || int_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT) == 1;
}

/// The name of a raw socket has its protocol's number for a port (inet_create() in
/// net/ipv4/af_inet.c).
bool is_raw(int fd) {
  return socket_type(fd) == SOCK_RAW;
}

Way way(int fd, const Local& local, const Rule& rule, bool ours) {
  const Way chosen = way_for(rule, local, ours);
  if (local.port == 0 || ours) return chosen;
  if (chosen == Way::leave) return is_left_behind(fd) && !is_raw(fd) ? Way::bind : Way::leave;
  if (rule.protocol != ProtocolClause::any && is_raw(fd)) return Way::leave;
  return chosen;
}

}  // namespace

Attempt::Attempt(int fd, const Target& target, Call call, const Asked* asked) : fd_(fd) {
  const Rules& rules = rules_for_connection();
  if (rules.idle || (rules.silent && !rules.ruleset.may_act_on(target.port))) return;
  const Match match = rules.match(target);
  if (!acts_for(match, rules.list, call) && !logs(rules, LogLevel::info)) return;
  before_ = errno;
  decide(rules, match, target, call, asked);
  errno = refused_ ? error_ : before_;
}

void Attempt::decide(const Rules& rules, const Match& match, const Target& target, Call call,
                     const Asked* asked) {
  Protocol protocol = Protocol::tcp;
  if (asked == nullptr && (call == Call::message || !same_for_all(match))) {
    protocol = read_protocol(fd_);  // where that fails, the name says more
  }
  if (call == Call::message && protocol != Protocol::tcp) return;
  const uint32_t first = match[protocol];
  if (first == no_rule && !logs(rules, LogLevel::debug)) return;
  if (asked != nullptr) name_ = asked->name;
  int error = asked != nullptr ? asked->error : read_name(fd_, name_);
  Local local;
  if (error == 0 && !read_local(name_, local)) error = EAFNOSUPPORT;
  if (error != 0 ? !is_ip_socket(fd_) : !takes_family(fd_, local, target)) return;
  // A raw socket of TCP's number, whose port is that number.
  if (call == Call::message && local.port != 0 && is_raw(fd_)) return;
  if (first == no_rule) return log_no_rule(rules, target);
  const Rule& rule = rules.list[first];
  if (rule.action != Action::bind) return apply(rules, rule, target);
  if (error != 0) return fall_back(rules, rule, target, strerrordesc_np(error));
  bind(rules, rule, target, local);
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
      return;
  }
}

int Attempt::bind_to(Family socket, const Address& source) {
  if (source.family == Family::ipv6) was_dual_ = v6only(fd_) == 0;
  ask_for_no_port(fd_);
  return clusterbind::bind_to(fd_, socket, source);
}

void Attempt::bind(const Rules& rules, const Rule& rule, const Target& target, const Local& local) {
  const Address source = source_of(rule, target.address.family);
  const bool wildcard = is_wildcard(local.address);
  const bool ours = !wildcard && rules.ruleset.is_source(local.address);
  const Way chosen = way(fd_, local, rule, ours);
  if (chosen == Way::leave) return;
  const bool left_behind = chosen == Way::bind && local.port != 0;
  Undo undo_later = wildcard || ours || left_behind ? Undo::unbind : Undo::own_address;
  int error = bind_to(local.socket, source);
  if (error == EINVAL && chosen == Way::release) {
    const Release released = release_port(fd_, local.port);
    if (released == Release::busy) return;
    if (released == Release::impossible) {
      forget_no_port(fd_);
      return fall_back(rules, rule, target, "the program has bound the socket to a port");
    }
    undo_later = Undo::own_port;
    error = bind_to(local.socket, source);
  }
  const bool bound = error == 0;
  // IPv4 itself refuses to send from an address that the node does not hold, so that is_due_again()
  // can tell. A line that says `bound` must know before.
  const bool tells = logs(rules, LogLevel::info);
  if (bound && (source.family == Family::ipv6 || tells) && !is_held(source)) error = EADDRNOTAVAIL;
  if (error == 0) {
    undo_ = undo_later;
    rules_ = &rules;
    rule_ = &rule;
    if (rules.spread) spread_ports(fd_);
    if (tells) log_bound(rules, rule, source, target);
    return;
  }
  if (!bound && undo_later != Undo::own_port) {
    // The kernel does not allow it: the program has bound an address of ours and a port, or one of
    // its own (MPTCP).
    if (error == EINVAL && (ours || (!wildcard && !rule.override_program))) return;
    if (kernel_has_an_answer(fd_, error, target)) return;
  }
  const bool bound_before = ours && local.port == 0;
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
  Local local;
  if (what == Undo::nothing || !read_local(name_, local)) return;
  unbind(fd_, local.socket);
  if (was_dual_) set_v6only(fd_, 0);
  if (what == Undo::unbind) return;
  if (what == Undo::own_port) forget_no_port(fd_);
  bind_own(fd_, local);
}

bool Attempt::is_due_again(const Target& target) {
  const int error = errno;
  if (undo_ == Undo::nothing || !has_failed(error)) return false;
  // What a route from an IPv4 address that the node does not hold ends in
  // (ip_route_output_key_hash_rcu() in net/ipv4/route.c).
  const bool lacks_source =
      error == ENETUNREACH && !is_held(source_of(*rule_, target.address.family));
  undo();
  errno = error;
  if (!lacks_source) return false;
  fall_back(*rules_, *rule_, target, strerrordesc_np(EADDRNOTAVAIL));
  errno = refused_ ? error_ : before_;
  return !refused_;
}

}  // namespace clusterbind
