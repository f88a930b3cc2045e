// A datagram socket that has a port or a peer.
//
// Only bind(2) tells the kernel that the program itself wants an address or a port. connect(2) with
// AF_UNSPEC removes the others, and so shows which of them the program has chosen. But what it has
// removed cannot be restored exactly. So the real call comes first: it sends nothing, and if it
// fails, nothing has been changed.
#include <errno.h>

#include "preload/connection.h"
#include "preload/presence.h"

namespace clusterbind {

namespace {

/// Whether connect(2) might have succeeded from another source address.
constexpr bool is_for_lack_of_a_route(int error) {
  return error == ENETUNREACH || error == EHOSTUNREACH || error == EADDRNOTAVAIL;
}

}  // namespace

Connection::Next Connection::begin_move() {
  const Endpoint local = own();
  // An IPv6-only socket and an IPv4 destination: the kernel refuses that with its own errno.
  const bool is_mapped =
      local.socket_family == Family::ipv6 && target_.address.family == Family::ipv4;
  if (is_mapped && v6only(fd_) == 1) return Next::call;
  const bool fixed = !has_peer_ && is_wildcard(local.address) && !is_ephemeral(local.port);
  if (fixed) return fall_back(has_fixed_port);
  if (is_bound_to_device(fd_)) return fall_back(has_device);
  if (presence_of(source()) == Presence::absent && !next_held_source()) {
    return fall_back(EADDRNOTAVAIL);
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
  Endpoint left;
  if (read_name(fd_, name) != 0 || !read_endpoint(name, left)) return Next::done;
  // If the socket was ever bound to an address, the kernel also keeps an address that it chose
  // itself. If this library bound it, IP_BIND_ADDRESS_NO_PORT is set, and the port is gone.
  const bool foreign = !is_wildcard(left.address) && !rules_.ruleset.is_source(left.address);
  const bool programs = foreign && (left.port != 0 || !has_name_left_behind(fd_));
  if (programs && !rule_->override_program) {
    restore_name();
    errno = error;
    return connected ? Next::call : Next::done;
  }
  // undo() is to restore the address and port without what the kernel chose for the earlier peer.
  const in_port_t port = name_.raw.sin6_port;  // sockaddr_in has its port at the same offset
  name_ = name;
  name_.raw.sin6_port = port;
  undo_ = Undo::own_name;
  if (left.port != 0) {
    undo();
    return fall_back(has_fixed_port);
  }
  // The socket keeps its port number, because the program may have told others. But not if the
  // connect has failed: it may fail again, and a port that bind(2) asked for cannot be removed.
  int bind_error = bind_to_source(connected ? ntohs(port) : uint16_t{0});
  if (bind_error == EADDRINUSE) bind_error = bind_to_source();
  if (bind_error == 0) return note_bound();
  undo();
  return fall_back(bind_error);
}

/// Gives a datagram socket its own address, port and peer back. The kernel takes the port from then
/// on for one that the program asked for.
void Connection::restore_name() {
  const Endpoint local = own();
  bind_own(fd_, local, local.port);
  if (!has_peer_) return;
  kernel::connect(fd_, &peer_.raw,
                  local.socket_family == Family::ipv4 ? sizeof(sockaddr_in) : sizeof peer_.raw);
}

}  // namespace clusterbind
