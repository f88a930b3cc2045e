// What follows the real call, or comes instead of it: the next source address, undoing a binding,
// and the rule's `else`.
#include <errno.h>

#include <utility>

#include "preload/connection.h"
#include "preload/log.h"
#include "preload/presence.h"

namespace clusterbind {

namespace {

/// Whether the errno of connect(2) means that the connection has failed for good.
constexpr bool has_failed(int error) {
  return error != EINPROGRESS && error != EALREADY && error != EINTR && error != EISCONN;
}

}  // namespace

bool Connection::next_held_source() {
  while (next_source()) {
    if (presence_of(source()) != Presence::absent) return true;
  }
  return false;
}

/// Binds the socket to the next source address that the node holds. False if there is none, or it
/// cannot be bound. Never for a datagram socket that was moved with its port: begin_move() has made
/// sure beforehand that the node holds the address.
bool Connection::take_another() {
  if (rule_->list_count == 0 || undo_ == Undo::own_name || !next_held_source()) return false;
  unbind(fd_, own().socket_family);
  return bind_to_source() == 0;
}

void Connection::undo() {
  const Undo what = undo_;
  undo_ = Undo::nothing;
  if (std::exchange(spread_, false)) unspread_ports(fd_);
  if (what == Undo::nothing) return;
  const Endpoint local = own();
  if (what == Undo::own_name) dissolve(fd_);
  unbind(fd_, local.socket_family);
  if (what == Undo::unbind) return;
  if (what == Undo::own_name) return restore_name();
  if (what == Undo::own_port) forget_no_port(fd_);
  bind_own(fd_, local);
}

/// Decides what follows the kernel's answer to the real call.
Connection::Next Connection::after(bool connected) {
  if (step_ == Step::move) return move(connected);
  const int error = errno;
  if (connected || !has_source_ || !has_failed(error)) return Next::done;
  // With an IPv4 source address that the node does not hold, connect(2) fails with ENETUNREACH
  // (ip_route_output_key_hash_rcu() in net/ipv4/route.c). But a router can cause that error, too.
  const bool may_lack_source = error == ENETUNREACH || error == EADDRNOTAVAIL;
  const bool lacks_source = may_lack_source && presence_of(source()) == Presence::absent;
  if (error == EADDRNOTAVAIL && !lacks_source) {
    log_ports_used_up(rules_, *rule_, source(), target_);
  }
  if (lacks_source && undo_ == Undo::nothing) undo_ = Undo::unbind;
  if (lacks_source && take_another()) return note_bound();
  undo();
  errno = error;
  return lacks_source ? fall_back(EADDRNOTAVAIL) : Next::done;
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

}  // namespace clusterbind
