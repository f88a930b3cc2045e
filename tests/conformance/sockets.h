// The driver's sockets: what can be seen of each, and what must be left out of a trace because it
// may differ under the library.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/conformance/names.h"

namespace clusterbind::test {

/// An errno by name; `untouched` where a call set none.
std::string name_of_error(int error);
constexpr int untouched = 4321;  // errno before each call: no error has this number

/// The state of a TCP socket, 0 of any other. FIN-WAIT-1 counts as FIN-WAIT-2: a delayed
/// acknowledgement is all that lies between them.
int tcp_state(int fd);

/// Which rules match. The last are in the kernel, and refuse what they cannot move.
enum class Rules { none, tcp, any_protocol, any_or_refuse };

/// When a trace is compared with that of a plain run: afterwards, so that both must leave out what
/// may differ; or call by call (lockstep.cc), where a socket is let go of once it differs.
enum class Compared { afterwards, in_step };
constexpr int keep_socket = 'k', drop_socket = 'd';  // what is said of each call then

/// What a call does with the destination that it names.
enum class Use { connects, opens, sends };  // opens: MSG_FASTOPEN, which connects stream sockets

constexpr int mptcp = 262;  // IPPROTO_MPTCP, which glibc 2.36 lacks
bool is_mptcp(int fd);

/// Without a FIN, and without TIME-WAIT.
void close_at_once(int fd);

class Sockets {
 public:
  Sockets(Rules rules, Compared compared) : rules_(rules), compared_(compared) {}

  size_t count() const { return descriptors_.size(); }
  int at(size_t index) const { return descriptors_[index].fd; }

  void keep(int fd);
  void keep_duplicate(size_t of, int fd);
  /// Closes one descriptor; returns what close(2) does.
  int close_at(size_t index);

  /// Closes all descriptors of a socket, and leaves nothing of its connection.
  void drop(int fd);

  /// What is known of a socket beside its state, in words for differences.cc: `datagram`, `raw`,
  /// `mptcp`, `v6only`; `matched`: a connection that the rules match was tried; `named`: see
  /// note_named(); `source`: it has the source of the rules now.
  std::string history(int fd) const;

  /// What can be seen of a socket. SO_ERROR and IP_BIND_ADDRESS_NO_PORT are left out: reading the
  /// first changes the socket, and the second is set on a socket that was bound for the program.
  std::string state(int fd);

  /// After a call that named a destination. Waits for the end of a handshake, so that time has no
  /// part in the trace. Once it was waited for in vain, or is with full_port, it is not waited for
  /// again. And takes note of what the library may have done, and says on standard error where it
  /// should have.
  void settle(int fd, Use use, const Name& destination, long result, int error);

  /// The address of the socket is the program's choice: it was bound, or listens, or was accepted.
  void note_named(int fd);
  void note_accepted(int fd);

  /// Whether a socket that could have been bound for the program is closed: a connection that
  /// failed at once leaves its local address to be seen until the next call, if the kernel chose it
  /// (ours is unbound instead), and one that is over leaves the source address.
  bool is_over(int fd) const;

  /// Whether a connection of this closed socket that the rules match failed at once: the kernel
  /// alone would let it listen at the address of the attempt.
  bool is_undone(int fd) const;

  /// The program has set IP_BIND_ADDRESS_NO_PORT, or taken it back.
  void note_no_port(int fd, bool value);

  /// Whether a datagram or raw socket that was bound for the program may answer to this destination
  /// otherwise than in a plain run, because it keeps its source address. AF_UNSPEC: dissolved from
  /// its peer, it has a port that the library has asked for, to keep its number. The wildcard
  /// address: the kernel takes the source address for it. An IPv4 destination: IPV6_V6ONLY is on
  /// while the source is an IPv6 one, also where the program has bound the socket to the wildcard
  /// address without a port.
  bool keeps_source(int fd, const Name& destination) const;

  /// Lets go of a TCP socket that keeps an address: the source address, where its connection is
  /// over; or another one, where a connection that the rules match failed at once, and then one
  /// that they do not match was refused. The kernel does not forget that a socket was bound to an
  /// address (SOCK_BINDADDR_LOCK), so what it chose for the second stays, as if the program had
  /// bound it. A socket that the program has bound to an address of its own without a port, and any
  /// of MPTCP, cannot be told from that, once its connection has failed: the next one is made from
  /// the source.
  void note_end(int fd);

  /// How often the source of the rules was seen.
  size_t bound() const { return bound_; }
  void saw_source() { ++bound_; }

 private:
  /// Several descriptors may be one socket (dup).
  struct Descriptor {
    int fd;
    size_t socket;
  };
  struct Socket {
    bool began = false;    // a connection was begun or made
    bool hangs = false;    // ... and will not be answered
    bool tried = false;    // so that the library may have bound the socket
    bool matched = false;  // ... to a destination of the rules
    bool named = false;
    bool accepted = false;
    bool undone = false;  // a connection that the rules match failed at once
    bool stuck = false;   // ... and keeps another address than in a plain run
    bool no_port = false;
  };

  Socket* find(int fd);
  const Socket* find(int fd) const;
  void note_failure(Socket& socket, int fd, const Name& destination, int error);
  void check_source(const Socket& socket, int fd, Use use, const Name& destination) const;
  void let_go(size_t socket);
  bool leaves_out() const { return rules_ != Rules::none && compared_ == Compared::afterwards; }

  Rules rules_;
  Compared compared_;
  std::vector<Descriptor> descriptors_;
  std::vector<Socket> sockets_;
  size_t bound_ = 0;
};

}  // namespace clusterbind::test
