// A datagram socket that has a port or a peer.
//
// AF_UNSPEC takes off it what no bind(2) of the program asked for, and so tells one from the other.
// But what it has taken off can't be put back as it was. So the real call comes first: it sends
// nothing, and where it fails nothing has been changed.
#include <errno.h>
#include <string.h>

#include "preload/connection.h"
#include "preload/presence.h"

namespace clusterbind {

namespace {

/// Whether another source address might have had another answer.
constexpr bool is_for_lack_of_a_route(int error) {
  return error == ENETUNREACH || error == EHOSTUNREACH || error == EADDRNOTAVAIL;
}

}  // namespace

Connection::Next Connection::begin_move() {
  const Local local = own();
  // The kernel must refuse it as well, by its own errno.
  const bool is_mapped = local.socket == Family::ipv6 && target_.address.family == Family::ipv4;
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
  return fall_back(bind_error);
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

}  // namespace clusterbind
