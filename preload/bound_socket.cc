// A socket that the program, the library or an earlier connect has bound, to the wildcard address
// too; a socket that the kernel would not connect; and the actions `direct` and `refuse`.
#include <errno.h>

#include "preload/connection.h"
#include "preload/log.h"
#include "preload/presence.h"

namespace clusterbind {

namespace {

/// Whether the kernel accepts the family of the destination on this socket. Of IPv6 sockets, only
/// datagram and raw ones accept an AF_INET address (__ip6_datagram_connect() in
/// net/ipv6/datagram.c).
bool takes_family(int fd, const Endpoint& local, const Target& target) {
  if (target.spelled == local.socket_family) return true;
  if (target.spelled == Family::ipv6) return false;
  const int type = socket_type(fd);
  return type == SOCK_DGRAM || type == SOCK_RAW;
}

}  // namespace

SocketKind kind_of(int fd) {
  const int type = socket_type(fd);
  if (type == SOCK_RAW) return SocketKind::raw;
  return type == SOCK_DGRAM ? SocketKind::datagram : SocketKind::stream;
}

// MPTCP always keeps the local address of a connect that failed. TCP keeps it if the socket was
// ever bound to an address. If IP_BIND_ADDRESS_NO_PORT is set, this library has bound it.
bool has_name_left_behind(int fd) {
  return is_mptcp(fd) || int_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT) == 1;
}

/// Whether the kernel may connect the socket, as far as its local address tells. `error` is what
/// read_name() returned; it becomes EAFNOSUPPORT if the address is not that of an IP socket.
bool Connection::can_connect(int& error) {
  Endpoint local;
  if (error == 0 && !read_endpoint(name_, local)) error = EAFNOSUPPORT;
  if (error != 0 ? !is_ip_socket(fd_) : !takes_family(fd_, local, target_)) return false;
  // getsockname(2) shows the protocol number of a raw socket as its port.
  return call_ == Call::connect || local.port == 0 || kind_of(fd_) != SocketKind::raw;
}

/// Does what a `direct` or `refuse` rule says.
Connection::Next Connection::direct_or_refuse() {
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
  const Endpoint local = own();
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
    return facts;  // the socket is unbound: way_for() needs no other fact
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

Connection::Next Connection::bind() {
  const Facts known = facts();
  const Way way = way_for(known);
  switch (way) {
    case Way::leave_alone:
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

/// For a socket that has the source address already. The node may have lost that address since.
/// With IPv4, connect(2) itself then fails, and after() sees that; IPv6 would send from it.
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
  return others ? bind_now(Way::bind, Undo::unbind) : fall_back(EADDRNOTAVAIL);
}

/// After bind(2) has failed with `error`: frees the port and tries again, leaves the call to the
/// kernel, or does what `else` says.
Connection::Next Connection::bind_otherwise(Way way, int error) {
  const Endpoint local = own();
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
    // EINVAL again: the program itself asked for the port, so the kernel has not freed it.
    return error == EINVAL ? fall_back(has_fixed_port) : fall_back(error);
  }
  if (error == EADDRINUSE) {  // before Linux 4.2: no port is left
    log_ports_used_up(rules_, *rule_, source(), target_);
    return refuse(EADDRINUSE);
  }
  // EINVAL: the socket has a port. The program has bound it to a source address of the rules, or
  // (MPTCP) to an address of its own.
  const bool leaves = of_rules || (!wildcard && !rule_->override_program);
  if (error == EINVAL && leaves) return Next::call;
  if (kernel_has_an_answer(fd_, error, target_)) return Next::call;
  if (of_rules && local.port == 0) undo_ = Undo::unbind;
  undo();
  return fall_back(error);
}

}  // namespace clusterbind
