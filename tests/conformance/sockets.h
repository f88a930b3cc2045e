// The driver's sockets: the visible state of each, and what a trace must leave out because it may
// differ under the library.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/conformance/names.h"

namespace clusterbind::test {

/// The name of an errno value, or of `untouched` if the call has set none.
std::string name_of_error(int error);
constexpr int untouched = 4321;  // errno before each call: no error has this number

/// The state of a TCP socket; 0 for any other. FIN-WAIT-1 counts as FIN-WAIT-2, because only a
/// delayed acknowledgement lies between them.
int tcp_state(int fd);

/// Which rules match. The last are in the kernel, and refuse what they cannot move.
enum class Rules { none, tcp, any_protocol, any_or_refuse };

/// When a trace is compared with that of a plain run: afterwards, so that both must leave out what
/// may differ; or call by call (lockstep.cc), where a socket that differs is no longer used.
enum class Compared { afterwards, in_step };
constexpr int keep_socket = 'k', drop_socket = 'd';  // the answer to each call then

/// What a call does with the destination that it names.
enum class Use { connects, opens, sends };  // opens: MSG_FASTOPEN, which connects stream sockets

constexpr int mptcp = 262;  // IPPROTO_MPTCP, which glibc 2.36 lacks
bool is_mptcp(int fd);

/// Closes a socket without a FIN and without TIME-WAIT.
void close_at_once(int fd);

class Sockets {
 public:
  Sockets(Rules rules, Compared compared) : rules_(rules), compared_(compared) {}

  size_t count() const { return descriptors_.size(); }
  int at(size_t index) const { return descriptors_[index].fd; }

  void keep(int fd);
  void keep_duplicate(size_t of, int fd);
  /// Closes one descriptor, and returns the result of close(2).
  int close_at(size_t index);

  /// Closes all descriptors of a socket, so that nothing of its connection is left.
  void drop(int fd);

  /// What is known about a socket apart from its state, in words for differences.cc: `datagram`,
  /// `raw`, `mptcp`, `v6only`; `matched`: a connection that the rules match was tried; `named`: see
  /// note_named(); `source`: it has the rules' source address now.
  std::string history(int fd) const;

  /// The visible state of a socket. It does not include SO_ERROR, because reading it changes the
  /// socket, and IP_BIND_ADDRESS_NO_PORT, which is set if the library has bound the socket.
  std::string state(int fd);

  /// To be called after a call that named a destination. Waits for the end of a handshake, so that
  /// timing does not affect the trace; a handshake that did not end, or one with full_port, is not
  /// waited for again. It also records what the library may have done, and reports on standard
  /// error if the library should have done something but did not.
  void settle(int fd, Use use, const Name& destination, long result, int error);

  /// Records that the socket's address is the program's choice: the socket was bound, or listens,
  /// or was accepted.
  void note_named(int fd);
  void note_accepted(int fd);

  /// Whether a socket that the library may have bound is closed. After a connection that failed at
  /// once, the kernel leaves an address that it has chosen visible until the next call, whereas the
  /// library unbinds its own. After a connection that has ended, the source address stays.
  bool is_over(int fd) const;

  /// Whether the socket is closed, and a connection that the rules match failed at once. Without
  /// the library, the kernel would let it listen at the address of that attempt.
  bool is_undone(int fd) const;

  /// Records that the program has set or cleared IP_BIND_ADDRESS_NO_PORT.
  void note_no_port(int fd, bool value);

  /// Whether a datagram or raw socket that the library has bound may behave differently with this
  /// destination, because it keeps its source address. AF_UNSPEC: the socket has a port that the
  /// library has asked for, and keeps its number when it is separated from its peer. The wildcard
  /// address: the kernel replaces it by the source address. An IPv4 destination: while the source
  /// is an IPv6 address, IPV6_V6ONLY is on, even if the program has bound the socket to the
  /// wildcard address without a port.
  bool keeps_source(int fd, const Name& destination) const;

  /// Closes a TCP socket that keeps an address: the source address, if its connection has ended; or
  /// another one, if first a connection that the rules match failed at once and then one that they
  /// do not match was refused. The kernel remembers that a socket was bound to an address
  /// (SOCK_BINDADDR_LOCK), so the address that it chooses for the second connection stays, as if
  /// the program had bound it. Two kinds of sockets cannot be distinguished from that after a
  /// failed connection: those that the program has bound to an address without a port, and those of
  /// MPTCP. Their next connection is made from the source address.
  void note_end(int fd);

  /// How often a socket had the rules' source address.
  size_t bound() const { return bound_; }
  void saw_source() { ++bound_; }

 private:
  /// Several descriptors may refer to the same socket (dup).
  struct Descriptor {
    int fd;
    size_t socket;
  };
  struct Socket {
    bool began = false;    // a connection was started
    bool hangs = false;    // ... and will not be answered
    bool tried = false;    // the library may have bound the socket
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
  /// In step, for a socket that has the source of the rules: whether a rule can have given it.
  void check_rule(int fd) const;
  void let_go(size_t socket);
  bool leaves_out() const { return rules_ != Rules::none && compared_ == Compared::afterwards; }

  Rules rules_;
  Compared compared_;
  std::vector<Descriptor> descriptors_;
  std::vector<Socket> sockets_;
  size_t bound_ = 0;
};

}  // namespace clusterbind::test
