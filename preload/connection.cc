#include "preload/connection.h"

#include "preload/log.h"
#include "preload/presence.h"

namespace clusterbind {

/// Finds the rule that decides, and does what it says. Leaves alone a socket that the kernel would
/// not connect.
// Flattened (it inlines what it calls) because that saves 24 instructions for each match.
[[gnu::flatten]] Connection::Next Connection::prepare(const Match& match) {
  Protocol protocol = Protocol::tcp;
  // If this fails (the descriptor is no socket, say), read_name() below gives the reason.
  if (call_ == Call::message || !same_for_all(match)) protocol = read_protocol(fd_);
  if (call_ == Call::message && protocol != Protocol::tcp) return Next::call;
  const uint32_t first = match[protocol];
  if (first == no_rule && !logs(rules_, LogLevel::debug)) return Next::call;
  int error = read_name(fd_, name_);
  const bool is_unbound = error == 0 && name_.is_unbound_ipv4() && target_.spelled == Family::ipv4;
  if (!is_unbound) [[unlikely]] {
    if (!can_connect(error)) return Next::call;
  }
  if (first == no_rule) {
    log_no_rule(rules_, target_);
    return Next::call;
  }
  rule_ = &rules_.list[first];
  if (rule_->action != Action::bind) return direct_or_refuse();
  if (is_unbound) [[likely]] {
    choose_first(Family::ipv4);
    return bind_now(Way::bind, Undo::unbind);
  }
  choose_first(target_.address.family);
  return error == 0 ? bind() : fall_back(error);
}

void Connection::choose_first(Family family) {
  if (rule_->list_count != 0) [[unlikely]]
    return choice_.begin(*rule_, family, rules_.sources);
  choice_.begin(*rule_, family);
}

Connection::Next Connection::bind_now(Way way, Undo undo_later) {
  const int error = bind_to_source();
  if (error != 0) [[unlikely]]
    return bind_otherwise(way, error);
  undo_ = undo_later;
  return note_bound();
}

/// Binds to the current source address, or else to the next one that can be bound. Returns 0, or
/// the errno of the last try.
int Connection::bind_to_source(uint16_t port) {
  const int error = bind_to_one(port);
  if (error == EADDRNOTAVAIL && next_source()) return bind_to_source(port);
  return error;
}

/// Binds to the current source address. Returns 0 or the errno.
int Connection::bind_to_one(uint16_t port) {
  const Address& wanted = source();
  const bool was_dual = wanted.family == Family::ipv6 && v6only(fd_) == 0;
  // Without IP_BIND_ADDRESS_NO_PORT a bound socket has a port and cannot be unbound, so ask first.
  if (!ask_for_no_port(fd_) && presence_of(wanted) == Presence::absent) return EADDRNOTAVAIL;
  const int error = bind_to(fd_, name_.family(), wanted, port);
  if (error == 0 && was_dual) set_v6only(fd_, 0);
  return error;
}

/// Whether the IPv4 source address is a broadcast address. The kernel is asked only if the last
/// connection under these rules had another source address.
bool Connection::is_broadcast() {
  const auto wanted = static_cast<uint32_t>(source().low);
  const std::atomic_ref<uint32_t> last(rules_.no_broadcast);
  if (last.load(std::memory_order_relaxed) == wanted) [[likely]]
    return false;
  if (is_broadcast_of_node(source())) return true;
  last.store(wanted, std::memory_order_relaxed);
  return false;
}

/// Whether the node holds the source address that bind(2) has just accepted. With IPv4, connect(2)
/// itself fails if it does not, and after() sees that. But if the connection is logged as `bound`,
/// this should be known before.
bool Connection::is_surely_held() {
  const Family family = target_.address.family;
  if (family == Family::ipv4) {
    if (is_broadcast()) return false;
    if (!logs(rules_, LogLevel::info)) return true;
  }
  if (!bind_takes_anything(fd_, family)) return true;
  const Presence presence = presence_of(source());
  return presence == Presence::held || (presence == Presence::unknown && family == Family::ipv4);
}

/// After a successful bind(2): goes on if the node holds the source address, else tries the next.
Connection::Next Connection::note_bound() {
  if (!is_surely_held() && !take_another()) {
    undo();
    return fall_back(EADDRNOTAVAIL);
  }
  has_source_ = true;
  if (rules_.spread && !spread_) spread_ = spread_ports(fd_);
  if (logs(rules_, LogLevel::info)) log_bound(rules_, *rule_, source(), target_);
  return Next::call;
}

}  // namespace clusterbind
