#include "preload/connection.h"

#include <errno.h>
#include <string.h>

#include <string_view>
#include <utility>

#include "preload/choice.h"
#include "preload/decision.h"
#include "preload/load.h"
#include "preload/log.h"
#include "preload/presence.h"
#include "preload/real.h"
#include "preload/socket.h"

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

/// One call that connects. Nothing is held across the real call, which may never return: a signal
/// handler may jump out of it.
class Connection {
 public:
  Connection(int fd, const Target& target, const Rules& rules, Call call)
      : fd_(fd), target_(target), rules_(rules), call_(call) {}

  /// Makes the real call under the rules that `match` names, as often as it takes. errno is changed
  /// by a call that fails alone.
  template <typename Real>
  auto run(const Match& match, Real real) {
    before_ = errno;
    Next next = prepare(match);
    decltype(real()) result = -1;
    while (next == Next::call) {
      errno = before_;
      result = real();
      if (result >= 0 && step_ == Step::none) [[likely]]
        return result;
      next = after(result >= 0);
    }
    if (next == Next::refuse) {
      errno = error_;
      return decltype(result){-1};
    }
    return result;
  }

 private:
  enum class Next : uint8_t { call, done, refuse };

  /// What is still to be done where the real call succeeds, too.
  enum class Step : uint8_t { none, move };

  /// What takes the source address off the socket again.
  enum class Undo : uint8_t {
    nothing,
    unbind,
    own_address,  // back to the program's own address, without a port
    own_port,     // and with a port of the kernel's choice
    own_name,     // a datagram socket: back to its own address, port and peer
  };

  Next prepare(const Match& match);
  void choose_first(Family family);
  [[gnu::cold]] Next obey();
  [[gnu::cold]] Next bind();
  [[gnu::cold]] Next keep();
  Next bind_now(Way way, Undo undo_later);
  [[gnu::cold]] Next bind_otherwise(Way way, int error);
  Next note_bound();
  [[gnu::cold]] Next begin_move();
  [[gnu::cold]] Next move(bool connected);
  [[gnu::cold]] Next after(bool connected);
  [[gnu::cold]] Next fall_back(std::string_view reason);
  Next refuse(int error);

  /// The source address of the rule that is tried now.
  const Address& source() const { return choice_.address(); }

  /// Goes on with the next source address of the rule's list. False where there is none.
  bool next_source() { return rule_->list_count != 0 && choice_.next(*rule_, rules_.sources); }

  /// The same, but passes over those that the node does not hold.
  [[gnu::cold]] bool next_held_source();
  [[gnu::cold]] bool take_another();

  /// The socket's own name, before.
  Local own() const {
    Local local;
    read_local(name_, local);
    return local;
  }

  [[gnu::cold]] bool can_connect(int& error);
  [[gnu::cold]] Facts facts();
  int bind_to_source(uint16_t port = 0);
  int bind_to_one(uint16_t port);
  bool is_surely_held();
  [[gnu::cold]] void undo();
  [[gnu::cold]] void restore_name();

  int fd_;
  int before_;  // errno
  int error_;   // of the refusal
  const Target& target_;
  const Rules& rules_;
  const Rule* rule_;
  SourceChoice choice_;  // once a bind rule decides
  Call call_;
  Step step_ = Step::none;
  Undo undo_ = Undo::nothing;
  bool has_source_ = false;  // the rule's source address is on the socket
  bool spread_ = false;      // IP_LOCAL_PORT_RANGE was set
  bool has_peer_ = false;    // a datagram socket that was connected
  Name name_;                // the socket's own, before; not asked for yet
  Name peer_;                // that of its peer
};

// --- Before the call -----------------------------------------------------------------------------

/// Finds the rule that decides, and leaves alone what the kernel will not connect.
Connection::Next Connection::prepare(const Match& match) {
  Protocol protocol = Protocol::tcp;
  // Where this fails, the name says more.
  if (call_ == Call::message || !same_for_all(match)) protocol = read_protocol(fd_);
  if (call_ == Call::message && protocol != Protocol::tcp) return Next::call;
  const uint32_t first = match[protocol];
  if (first == no_rule && !logs(rules_, LogLevel::debug)) return Next::call;
  int error = read_name(fd_, name_);
  const bool fresh = error == 0 && name_.is_fresh_ipv4() && target_.spelled == Family::ipv4;
  if (!fresh) [[unlikely]] {
    if (!can_connect(error)) return Next::call;
  }
  if (first == no_rule) {
    log_no_rule(rules_, target_);
    return Next::call;
  }
  rule_ = &rules_.list[first];
  if (rule_->action != Action::bind) return obey();
  if (fresh) [[likely]] {
    choose_first(Family::ipv4);
    return bind_now(Way::bind, Undo::unbind);
  }
  choose_first(target_.address.family);
  return error == 0 ? bind() : fall_back(strerrordesc_np(error));
}

/// Whether the kernel may connect the socket, as far as its name tells; `error`: of read_name(),
/// and where that failed, or the name is none of an IP socket.
bool Connection::can_connect(int& error) {
  Local local;
  if (error == 0 && !read_local(name_, local)) error = EAFNOSUPPORT;
  if (error != 0 ? !is_ip_socket(fd_) : !takes_family(fd_, local, target_)) return false;
  // A raw socket of TCP's number, whose port is that number.
  return call_ == Call::connect || local.port == 0 || kind_of(fd_) != SocketKind::raw;
}

void Connection::choose_first(Family family) {
  if (rule_->list_count != 0) [[unlikely]]
    return choice_.begin(*rule_, family, rules_.sources);
  choice_.begin(*rule_, family);
}

bool Connection::next_held_source() {
  while (next_source()) {
    if (presence_of(source()) != Presence::absent) return true;
  }
  return false;
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
  const Local local = own();
  Facts facts;
  facts.overrides = rule_->override_program;
  facts.for_any_protocol = rule_->protocol == ProtocolClause::any;
  facts.has_port = local.port != 0;
  if (!is_wildcard(local.address)) {
    const bool of_rules = rules_.ruleset.is_source(local.address);
    facts.owner = of_rules ? Owner::other_rule : Owner::program;
    if (names_source(*rule_, rules_.sources, local.address)) {
      facts.owner = Owner::rule;
      choice_.begin_at(local.address, *rule_, rules_.sources);
    }
  } else if (!facts.has_port) {
    return facts;  // nothing else counts
  }
  facts.kind = kind_of(fd_);
  if (facts.kind == SocketKind::datagram) {
    has_peer_ = facts.connected = read_peer(fd_, peer_) == 0;
  }
  if (facts.owner == Owner::program && facts.has_port) {
    facts.name_left_behind = has_name_left_behind(fd_);
  }
  return facts;
}

/// Binds to the first source address that can be bound, from the one that is tried now on. Returns
/// 0, or the errno of the last one.
int Connection::bind_to_source(uint16_t port) {
  const int error = bind_to_one(port);
  if (error == EADDRNOTAVAIL && next_source()) return bind_to_source(port);
  return error;
}

/// Binds to the source address that is tried now. Returns 0 or the errno.
int Connection::bind_to_one(uint16_t port) {
  const Address& wanted = source();
  const bool was_dual = wanted.family == Family::ipv6 && v6only(fd_) == 0;
  // Without the option what is bound has a port, and can't be unbound.
  if (!ask_for_no_port(fd_) && presence_of(wanted) == Presence::absent) return EADDRNOTAVAIL;
  const int error = bind_to(fd_, name_.family(), wanted, port);
  if (error == 0 && was_dual) set_v6only(fd_, 0);
  return error;
}

Connection::Next Connection::bind() {
  const Facts known = facts();
  const Way way = way_for(known);
  switch (way) {
    case Way::leave:
      return Next::call;
    case Way::keep:
      return keep();
    case Way::bind:
    case Way::release: {
      const bool programs = known.owner == Owner::program && !known.name_left_behind;
      return bind_now(way, programs ? Undo::own_address : Undo::unbind);
    }
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
  if (source().family == Family::ipv4 && !tells) return Next::call;
  if (is_busy(fd_)) return Next::call;
  if (presence_of(source()) != Presence::absent) {
    if (tells) log_bound(rules_, *rule_, source(), target_);
    return Next::call;
  }
  const bool others = next_held_source();
  // A datagram socket that is refused keeps its peer.
  if (!has_peer_ || others || rule_->fallback == Fallback::direct) undo_ = Undo::unbind;
  undo();
  return others ? bind_now(Way::bind, Undo::unbind) : fall_back(strerrordesc_np(EADDRNOTAVAIL));
}

/// Whether the node holds the source address that bind(2) has just taken. IPv4 itself refuses to
/// send from one that it does not hold, so that after() can tell. A line that says `bound` must
/// know before.
bool Connection::is_surely_held() {
  const Family family = target_.address.family;
  if (family == Family::ipv4 && !logs(rules_, LogLevel::info)) return true;
  return !bind_takes_anything(fd_, family) || presence_of(source()) == Presence::held;
}

/// Puts the next source address that the node holds in the place of the one on the socket. False
/// where there is none, or it can't be bound. A datagram socket that was moved with its port stays:
/// begin_move() has asked before it.
bool Connection::take_another() {
  if (rule_->list_count == 0 || undo_ == Undo::own_name || !next_held_source()) return false;
  unbind(fd_, own().socket);
  return bind_to_source() == 0;
}

Connection::Next Connection::bind_now(Way way, Undo undo_later) {
  const int error = bind_to_source();
  if (error != 0) [[unlikely]]
    return bind_otherwise(way, error);
  undo_ = undo_later;
  return note_bound();
}

/// bind(2) has failed with `error`.
Connection::Next Connection::bind_otherwise(Way way, int error) {
  const Local local = own();
  const bool wildcard = is_wildcard(local.address);
  const bool of_rules = !wildcard && rules_.ruleset.is_source(local.address);
  if (error == EINVAL && way == Way::release) {
    const Release released = release_port(fd_, local.port);
    if (released == Release::busy) return Next::call;
    if (released == Release::impossible) {
      forget_no_port(fd_);
      return fall_back(has_fixed_port);
    }
    undo_ = Undo::own_port;
    error = bind_to_source();
    if (error == 0) return note_bound();
    undo();
    // Where the program asked for the port, it was not given back.
    return fall_back(error == EINVAL ? has_fixed_port : strerrordesc_np(error));
  }
  if (error == EADDRINUSE) {  // before Linux 4.2: no port is left
    log_ports_used_up(rules_, *rule_, source(), target_);
    return refuse(EADDRINUSE);
  }
  // The kernel does not allow it: the program has bound an address of ours and a port, or one of
  // its own (MPTCP).
  const bool leaves = of_rules || (!wildcard && !rule_->override_program);
  if (error == EINVAL && leaves) return Next::call;
  if (kernel_has_an_answer(fd_, error, target_)) return Next::call;
  if (of_rules && local.port == 0) undo_ = Undo::unbind;
  undo();
  return fall_back(strerrordesc_np(error));
}

/// The source address is on the socket: whether it may go on with it.
Connection::Next Connection::note_bound() {
  if (!is_surely_held() && !take_another()) {
    undo();
    return fall_back(strerrordesc_np(EADDRNOTAVAIL));
  }
  has_source_ = true;
  if (rules_.spread && !spread_) spread_ = spread_ports(fd_);
  if (logs(rules_, LogLevel::info)) log_bound(rules_, *rule_, source(), target_);
  return Next::call;
}

Connection::Next Connection::fall_back(std::string_view reason) {
  has_source_ = false;
  log_cannot_bind(rules_, *rule_, target_, reason);
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
  const Local local = own();
  // The kernel must refuse it as well, by its own errno.
  const bool is_mapped = local.socket == Family::ipv6 && target_.address.family == Family::ipv4;
  if (is_mapped && v6only(fd_) == 1) return Next::call;
  const bool fixed = !has_peer_ && is_wildcard(local.address) && !is_ephemeral(local.port);
  if (fixed) return fall_back(has_fixed_port);
  if (is_bound_to_device(fd_)) return fall_back(has_device);
  if (presence_of(source()) == Presence::absent && !next_held_source()) {
    return fall_back(strerrordesc_np(EADDRNOTAVAIL));
  }
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
  // The kernel keeps what it chose itself, too, if the socket was ever bound to an address. Where
  // that was by us, IP_BIND_ADDRESS_NO_PORT is set, and the port goes.
  const bool foreign = !is_wildcard(left.address) && !rules_.ruleset.is_source(left.address);
  const bool programs = foreign && (left.port != 0 || !has_name_left_behind(fd_));
  if (programs && !rule_->override_program) {
    restore_name();
    errno = error;
    return connected ? Next::call : Next::done;
  }
  // What is to come back is the name without what the kernel had chosen for the earlier peer.
  const in_port_t port = name_.raw.sin6_port;  // where AF_INET has it, too
  name_ = name;
  name_.raw.sin6_port = port;
  undo_ = Undo::own_name;
  if (left.port != 0) {
    undo();
    return fall_back(has_fixed_port);
  }
  // The program may have told others its port. Where the kernel found no route, the next answer may
  // be the same, and a port that bind(2) asked for could not be taken off again.
  int bind_error = bind_to_source(connected ? ntohs(port) : uint16_t{0});
  if (bind_error == EADDRINUSE) bind_error = bind_to_source();
  if (bind_error == 0) return note_bound();
  undo();
  return fall_back(strerrordesc_np(bind_error));
}

/// Gives a datagram socket its own name back, from then on as if the program had asked for the
/// port, and its peer.
void Connection::restore_name() {
  const Local local = own();
  bind_own(fd_, local, local.port);
  if (!has_peer_) return;
  kernel::connect(fd_, &peer_.raw,
                  local.socket == Family::ipv4 ? sizeof(sockaddr_in) : sizeof peer_.raw);
}

// --- After the call ------------------------------------------------------------------------------

void Connection::undo() {
  const Undo what = undo_;
  undo_ = Undo::nothing;
  if (std::exchange(spread_, false)) unspread_ports(fd_);
  if (what == Undo::nothing) return;
  const Local local = own();
  if (what == Undo::own_name) dissolve(fd_);
  unbind(fd_, local.socket);
  if (what == Undo::unbind) return;
  if (what == Undo::own_name) return restore_name();
  if (what == Undo::own_port) forget_no_port(fd_);
  bind_own(fd_, local);
}

/// What the kernel's answer asks for.
Connection::Next Connection::after(bool connected) {
  if (step_ == Step::move) return move(connected);
  const int error = errno;
  if (connected || !has_source_ || !has_failed(error)) return Next::done;
  // ENETUNREACH is what a route from an IPv4 address that the node does not hold ends in
  // (ip_route_output_key_hash_rcu() in net/ipv4/route.c), but a router can say it as well.
  const bool may_lack_source = error == ENETUNREACH || error == EADDRNOTAVAIL;
  const bool lacks_source = may_lack_source && presence_of(source()) == Presence::absent;
  if (error == EADDRNOTAVAIL && !lacks_source) {
    log_ports_used_up(rules_, *rule_, source(), target_);
  }
  if (lacks_source && undo_ == Undo::nothing) undo_ = Undo::unbind;
  if (lacks_source && take_another()) return note_bound();
  undo();
  errno = error;
  return lacks_source ? fall_back(strerrordesc_np(EADDRNOTAVAIL)) : Next::done;
}

// --- The calls -----------------------------------------------------------------------------------

/// Whether a socket has been bound, for its peer, by the rule that decides for that peer.
[[gnu::cold]] bool was_bound_for_its_peer(int fd, const Rules& rules, const Local& local) {
  const int type = socket_type(fd);
  if (type != SOCK_STREAM && type != SOCK_DGRAM) return false;
  // Without the option the program itself has bound it.
  if (int_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT) != 1) return false;
  Name name;
  Local peer;
  if (read_peer(fd, name) != 0 || !read_local(name, peer)) return false;
  const Match match = rules.ruleset.lookup(peer.address, peer.port);
  const uint32_t first = match[read_protocol(fd)];
  if (first == no_rule || rules.list[first].action != Action::bind) return false;
  return names_source(rules.list[first], rules.sources, local.address);
}

/// connect(2) with AF_UNSPEC, which takes the peer from a socket. Where the source address is ours
/// it is taken off, too, so that the next destination decides anew.
[[gnu::cold]] int disconnect_by_rules(int fd, const sockaddr* address, socklen_t length) {
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

/// Whether a call is to be looked at more closely: a rule does something, or is to be logged.
bool matters(const Rules& rules, const Match& match, Call call) {
  return acts_for(match, rules.list, call) || logs(rules, LogLevel::info);
}

/// Where a rule may match, or something is to be logged or looked at. `prefix`: the innermost one
/// around the destination, if it is known. Apart, so that the way of most calls needs no stack.
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

// Most calls of a process are matched by no rule. They end here, within some 46 instructions (see
// bench/bounds.h for what is promised).
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
