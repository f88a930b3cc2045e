#include "preload/connection.h"

#include <string.h>

#include <utility>

#include "preload/log.h"
#include "preload/presence.h"
#include "preload/real.h"

namespace clusterbind {
namespace {

constexpr std::string_view has_fixed_port = "the program has bound the socket to a port";
constexpr std::string_view has_device = "the program has bound the socket to a device";

/// Whether the kernel's answer to a connect says that it has come to nothing.
constexpr bool has_failed(int error) {
  return error != EINPROGRESS && error != EALREADY && error != EINTR && error != EISCONN;
}

/// Whether another source address might have had another answer.
constexpr bool is_for_lack_of_a_route(int error) {
  return error == ENETUNREACH || error == EHOSTUNREACH || error == EADDRNOTAVAIL;
}

/// Whether the kernel takes an address of this spelling on the socket: an IPv4 address on an IPv6
/// socket is for datagram sockets only (__ip6_datagram_connect() in net/ipv6/datagram.c).
bool takes_family(int fd, const Local& local, const Target& target) {
  if (target.spelled == local.socket) return true;
  if (target.spelled == Family::ipv6) return false;
  const int type = socket_type(fd);
  return type == SOCK_DGRAM || type == SOCK_RAW;
}

SocketKind kind_of(int fd) {
  const int type = socket_type(fd);
  if (type == SOCK_RAW) return SocketKind::raw;
  return type == SOCK_DGRAM ? SocketKind::datagram : SocketKind::stream;
}

/// Whether a socket has a name with a port although it holds none, as far as can be seen: a connect
/// that failed has left the name behind. MPTCP leaves it anyway, TCP where the kernel remembers
/// that the socket was bound to an address, even after it was unbound: it was by us.
bool has_name_left_behind(int fd) {
  return is_mptcp(fd) || int_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT) == 1;
}

/// Whether a socket has been bound, for its peer, by the rule that decides for that peer.
bool was_bound_for_its_peer(int fd, const Rules& rules, const Local& local) {
  const int type = socket_type(fd);
  if (type != SOCK_STREAM && type != SOCK_DGRAM) return false;
  if (type == SOCK_STREAM && int_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT) != 1) return false;
  Name name;
  Local peer;
  if (read_peer(fd, name) != 0 || !read_local(name, peer)) return false;
  const Match match = rules.ruleset.lookup(peer.address, peer.port);
  const uint32_t first = match[read_protocol(fd)];
  if (first == no_rule || rules.list[first].action != Action::bind) return false;
  return source_of(rules.list[first], peer.address.family) == local.address;
}

/// connect(2) with AF_UNSPEC, which takes the peer from a socket. Where the source address is ours
/// it is taken off, too, so that the next destination decides anew.
int disconnect_by_rules(int fd, const sockaddr* address, socklen_t length) {
  const int before = errno;
  const Rules& rules = rules_in_force();
  Name name;
  Local local;
  const bool ours = rules.ruleset.has_sources() && read_name(fd, name) == 0 &&
                    read_local(name, local) && rules.ruleset.is_source(local.address) &&
                    was_bound_for_its_peer(fd, rules, local);
  errno = before;
  const int result = real::connect(fd, address, length);
  if (!ours || result != 0) return result;
  unbind(fd, local.socket);
  if (rules.spread) unspread_ports(fd);
  errno = before;
  return result;
}

/// Where the destination is none that a rule can match.
[[gnu::noinline]] int connect_elsewhere(int fd, const sockaddr* address, socklen_t length) {
  if (!is_unspecified(address, length)) return real::connect(fd, address, length);
  return disconnect_by_rules(fd, address, length);
}

/// Where the rules are not silent, or have a prefix around the destination (else null). Apart, so
/// that the way of most calls needs no stack.
[[gnu::noinline, gnu::hot]] int connect_within(int fd, const sockaddr* address, socklen_t length,
                                               const Rules& rules, const Node* prefix) {
  Target target;
  read_taken_target(address, target);
  const Match match =
      prefix != nullptr ? rules.ruleset.lookup(*prefix, target.port) : rules.match(target);
  const auto real = [=] { return real::connect(fd, address, length); };
  if (rules.silent && !acts_for(match, rules.list, Call::connect)) return real();
  return Connection(fd, target, rules, Call::connect).run(match, real);
}

}  // namespace

// Most calls of a process are matched by no rule. They end here, within some 35 instructions (see
// bench/bounds.h for what is promised).
[[gnu::hot]] int connect_by_rules(int fd, const sockaddr* address, socklen_t length) {
  Target target;
  if (!read_target(address, length, address_most, target)) [[unlikely]]
    return connect_elsewhere(fd, address, length);
  const Rules& rules = rules_for_connection();
  if (!rules.silent) [[unlikely]]
    return connect_within(fd, address, length, rules, nullptr);
  if (!rules.ruleset.may_act_on(target.port)) return real::connect(fd, address, length);
  const Node* const prefix = rules.ruleset.prefix_of(target.address);
  if (prefix == nullptr) return real::connect(fd, address, length);
  return connect_within(fd, address, length, rules, prefix);
}

// --- Before the call -----------------------------------------------------------------------------

/// Finds the rule that decides, and leaves alone what the kernel will not connect.
Connection::Next Connection::prepare(const Match& match) {
  if (!acts_for(match, rules_.list, call_) && !logs(rules_, LogLevel::info)) return Next::call;
  Protocol protocol = Protocol::tcp;
  // Where this fails, the name says more.
  if (call_ == Call::message || !same_for_all(match)) protocol = read_protocol(fd_);
  if (call_ == Call::message && protocol != Protocol::tcp) return Next::call;
  const uint32_t first = match[protocol];
  if (first == no_rule && !logs(rules_, LogLevel::debug)) return Next::call;
  Name name;
  int error = read_name(fd_, name);
  if (error == 0 && !read_local(name, local_)) error = EAFNOSUPPORT;
  if (error != 0 ? !is_ip_socket(fd_) : !takes_family(fd_, local_, target_)) return Next::call;
  // A raw socket of TCP's number, whose port is that number.
  if (call_ == Call::message && local_.port != 0 && kind_of(fd_) == SocketKind::raw) {
    return Next::call;
  }
  if (first == no_rule) {
    log_no_rule(rules_, target_);
    return Next::call;
  }
  rule_ = &rules_.list[first];
  if (rule_->action != Action::bind) return obey();
  source_ = source_of(*rule_, target_.address.family);
  return error == 0 ? bind() : fall_back(strerrordesc_np(error));
}

/// `direct` and `refuse`.
Connection::Next Connection::obey() {
  if (rule_->action == Action::direct) {
    log_direct(rules_, *rule_, target_);
    return Next::call;
  }
  if (rules_.wrong) {
    log_wrong_rules(rules_, target_);
    return refuse(EADDRNOTAVAIL);
  }
  log_refused(rules_, *rule_, target_);
  return refuse(ECONNREFUSED);
}

Facts Connection::facts() {
  Facts facts;
  facts.overrides = rule_->override_program;
  facts.for_any_protocol = rule_->protocol == ProtocolClause::any;
  facts.has_port = local_.port != 0;
  if (!is_wildcard(local_.address)) {
    const bool of_rules = rules_.ruleset.is_source(local_.address);
    facts.owner = of_rules ? Owner::other_rule : Owner::program;
    if (local_.address == source_) facts.owner = Owner::rule;
  } else if (!facts.has_port) {
    return facts;  // as most sockets are: nothing else counts
  }
  facts.kind = kind_of(fd_);
  if (facts.kind == SocketKind::datagram) {
    Name name;
    has_peer_ = facts.connected = read_peer(fd_, name) == 0 && read_local(name, peer_);
  }
  if (facts.owner == Owner::program && facts.has_port) {
    facts.name_left_behind = has_name_left_behind(fd_);
  }
  return facts;
}

Connection::Next Connection::bind() {
  const Way way = way_for(facts());
  switch (way) {
    case Way::leave:
      return Next::call;
    case Way::keep:
      return keep();
    case Way::bind:
    case Way::release:
      return bind_now(way);
    case Way::move:
      return begin_move();
  }
  return Next::call;
}

/// The source address is on the socket already. IPv4 itself refuses to send from one that the node
/// does not hold any more, so that after() can tell; IPv6 would send.
Connection::Next Connection::keep() {
  has_source_ = true;
  if (rules_.spread) spread_ = spread_ports(fd_);
  const bool tells = logs(rules_, LogLevel::info);
  if (source_.family == Family::ipv4 && !tells) return Next::call;
  if (is_busy(fd_)) return Next::call;
  if (presence_of(source_) != Presence::absent) {
    if (tells) log_bound(rules_, *rule_, source_, target_);
    return Next::call;
  }
  undo_ = Undo::unbind;
  undo();
  return fall_back(strerrordesc_np(EADDRNOTAVAIL));
}

/// Binds to the source address. Returns 0 or the errno.
int Connection::bind_to_source(uint16_t port) {
  const bool was_dual = source_.family == Family::ipv6 && v6only(fd_) == 0;
  // Without the option what is bound has a port, and can't be unbound.
  if (!ask_for_no_port(fd_) && presence_of(source_) == Presence::absent) return EADDRNOTAVAIL;
  const int error = bind_to(fd_, local_.socket, source_, port);
  if (error == 0 && was_dual) set_v6only(fd_, 0);
  return error;
}

/// Whether the node holds the source address that bind(2) has just taken. IPv4 itself refuses to
/// send from one that it does not hold, so that after() can tell. A line that says `bound` must
/// know before.
bool Connection::is_surely_held() {
  if (source_.family == Family::ipv4 && !logs(rules_, LogLevel::info)) return true;
  return !bind_takes_anything(fd_, source_.family) || presence_of(source_) == Presence::held;
}

Connection::Next Connection::bind_now(Way way) {
  const bool has_port = local_.port != 0;
  const bool wildcard = is_wildcard(local_.address);
  const bool of_rules = !wildcard && rules_.ruleset.is_source(local_.address);
  const bool left_behind = way == Way::bind && has_port;
  Undo undo_later = wildcard || of_rules || left_behind ? Undo::unbind : Undo::own_address;
  int error = bind_to_source();
  if (error == EINVAL && way == Way::release) {
    const Release released = release_port(fd_, local_.port);
    if (released == Release::busy) return Next::call;
    if (released == Release::impossible) {
      forget_no_port(fd_);
      return fall_back(has_fixed_port);
    }
    undo_later = undo_ = Undo::own_port;
    error = bind_to_source();
    if (error == EINVAL) {  // the program asked for this port: it was not given back
      undo();
      return fall_back(has_fixed_port);
    }
  }
  if (error == 0) {
    undo_ = undo_later;
    if (is_surely_held()) {
      note_bound();
      return Next::call;
    }
    error = EADDRNOTAVAIL;
  } else if (error == EADDRINUSE) {  // before Linux 4.2: no port is left
    undo();
    log_ports_used_up(rules_, *rule_, source_, target_);
    return refuse(EADDRINUSE);
  } else if (undo_ == Undo::nothing) {
    // The kernel does not allow it: the program has bound an address of ours and a port, or one of
    // its own (MPTCP).
    if (error == EINVAL && (of_rules || (!wildcard && !rule_->override_program))) return Next::call;
    if (kernel_has_an_answer(fd_, error, target_)) return Next::call;
    if (of_rules && !has_port) undo_ = Undo::unbind;
  }
  undo();
  return fall_back(strerrordesc_np(error));
}

void Connection::note_bound() {
  has_source_ = true;
  if (rules_.spread) spread_ = spread_ports(fd_);
  if (logs(rules_, LogLevel::info)) log_bound(rules_, *rule_, source_, target_);
}

Connection::Next Connection::fall_back(std::string_view reason) {
  has_source_ = false;
  log_cannot_bind(rules_, *rule_, source_, target_, reason);
  return rule_->fallback == Fallback::refuse ? refuse(EADDRNOTAVAIL) : Next::call;
}

Connection::Next Connection::refuse(int error) {
  error_ = error;
  return Next::refuse;
}

// --- A datagram socket that has a port or a peer -------------------------------------------------
//
// AF_UNSPEC takes off it what no bind(2) of the program asked for, and so tells one from the other.
// But what it has taken off can't be put back as it was. So the real call comes first: it sends
// nothing, and where it fails nothing has been changed.

Connection::Next Connection::begin_move() {
  const bool fixed = !has_peer_ && is_wildcard(local_.address) && !is_ephemeral(local_.port);
  if (fixed) return fall_back(has_fixed_port);
  if (is_bound_to_device(fd_)) return fall_back(has_device);
  if (presence_of(source_) == Presence::absent) return fall_back(strerrordesc_np(EADDRNOTAVAIL));
  step_ = Step::move;
  return Next::call;
}

Connection::Next Connection::move(bool connected) {
  const int error = errno;
  step_ = Step::none;
  if (!connected && !is_for_lack_of_a_route(error)) return Next::done;
  dissolve(fd_);
  Name name;
  Local left;
  if (read_name(fd_, name) != 0 || !read_local(name, left)) return Next::done;
  const bool programs = !is_wildcard(left.address) && !rules_.ruleset.is_source(left.address);
  if (programs && !rule_->override_program) {
    restore_name();
    errno = error;
    return connected ? Next::call : Next::done;
  }
  local_.address = left.address;  // without what the kernel had chosen for the earlier peer
  undo_ = Undo::own_name;
  if (left.port != 0) {
    undo();
    return fall_back(has_fixed_port);
  }
  // The program may have told others its port. Where the kernel found no route, the next answer may
  // be the same, and a port that bind(2) asked for could not be taken off again.
  int bind_error = bind_to_source(connected ? local_.port : uint16_t{0});
  if (bind_error == EADDRINUSE) bind_error = bind_to_source();
  if (bind_error == 0) {
    note_bound();
    return Next::call;
  }
  undo();
  return fall_back(strerrordesc_np(bind_error));
}

/// Gives a datagram socket its own name back, from then on as if the program had asked for the
/// port, and its peer.
void Connection::restore_name() {
  bind_own(fd_, local_, local_.port);
  if (!has_peer_) return;
  const SocketName peer(local_.socket, peer_.address, peer_.port);
  kernel::connect(fd_, &peer.raw, peer.size);
}

// --- After the call ------------------------------------------------------------------------------

void Connection::undo() {
  const Undo what = undo_;
  undo_ = Undo::nothing;
  if (std::exchange(spread_, false)) unspread_ports(fd_);
  if (what == Undo::nothing) return;
  if (what == Undo::own_name) dissolve(fd_);
  unbind(fd_, local_.socket);
  if (what == Undo::unbind) return;
  if (what == Undo::own_name) return restore_name();
  if (what == Undo::own_port) forget_no_port(fd_);
  bind_own(fd_, local_);
}

/// What the kernel's answer asks for.
Connection::Next Connection::after(bool connected) {
  if (step_ == Step::move) return move(connected);
  const int error = errno;
  if (connected || !has_source_ || !has_failed(error)) return Next::done;
  // ENETUNREACH is what a route from an IPv4 address that the node does not hold ends in
  // (ip_route_output_key_hash_rcu() in net/ipv4/route.c), but a router can say it as well.
  const bool may_lack_source = error == ENETUNREACH || error == EADDRNOTAVAIL;
  const bool lacks_source = may_lack_source && presence_of(source_) == Presence::absent;
  if (error == EADDRNOTAVAIL && !lacks_source) {
    log_ports_used_up(rules_, *rule_, source_, target_);
  }
  if (lacks_source && undo_ == Undo::nothing) undo_ = Undo::unbind;
  undo();
  errno = error;
  return lacks_source ? fall_back(strerrordesc_np(EADDRNOTAVAIL)) : Next::done;
}

}  // namespace clusterbind
