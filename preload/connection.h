// One call that connects, once a rule matches it: what the library asks about the socket, what it
// does to it, the real call, and what it undoes. This is "What happens to a connection" in
// libclusterbind(8).
//
//   decision.h       what a `bind` rule does with a socket, by the state of the socket (a table)
//   connection.cc    a new socket, as most are: neither bound nor connected
//   bound_socket.cc  a socket that is bound, to the wildcard address too; `direct` and `refuse`
//   datagram.cc      a datagram socket that must first lose its port or its peer
//   after.cc         after the real call: the next source address, `else`, what is undone
//
// Every function may change errno; run() restores it.
#pragma once

#include <errno.h>

#include <cstdint>
#include <string_view>

#include "preload/choice.h"
#include "preload/decision.h"
#include "preload/errors.h"
#include "preload/load.h"
#include "preload/socket.h"
#include "preload/target.h"

namespace clusterbind {

/// One call that connects. Nothing is held across the real call, because it may never return: a
/// signal handler may jump out of it.
class Connection {
 public:
  Connection(int fd, const Target& target, const Rules& rules, Call call)
      : fd_(fd), target_(target), rules_(rules), call_(call) {}

  /// Makes the real call under the rules that `match` names; again with the next source address, or
  /// after a datagram socket was moved. errno changes only if the call fails.
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

  /// What remains to be done after the real call even if it succeeds.
  enum class Step : uint8_t { none, move };

  /// How the source address is removed from the socket again.
  enum class Undo : uint8_t {
    nothing,
    unbind,
    own_address,  // back to the program's own address, without a port
    own_port,     // and with a port of the kernel's choice
    own_name,     // a datagram socket: back to its own address, port and peer
  };

  Next prepare(const Match& match);
  void choose_first(Family family);
  [[gnu::cold]] Next direct_or_refuse();
  [[gnu::cold]] Next bind();
  [[gnu::cold]] Next keep();
  Next bind_now(Way way, Undo undo_later);
  [[gnu::cold]] Next bind_otherwise(Way way, int error);
  Next note_bound();
  [[gnu::cold]] Next begin_move();
  [[gnu::cold]] Next move(bool connected);
  [[gnu::cold]] Next after(bool connected);
  [[gnu::cold]] Next fall_back(std::string_view reason);
  [[gnu::cold, gnu::noinline]] Next fall_back(int error) { return fall_back(ErrorText(error)); }
  Next refuse(int error);

  /// The source address of the rule that is tried now.
  const Address& source() const { return choice_.address(); }

  /// Goes on with the next source address of the rule's list. False if there is none.
  bool next_source() { return rule_->list_count != 0 && choice_.next(*rule_, rules_.sources); }

  /// The same, but skips addresses that the node does not hold.
  [[gnu::cold]] bool next_held_source();
  [[gnu::cold]] bool take_another();

  /// The socket's local address before the library changed it.
  Endpoint own() const {
    Endpoint local;
    read_endpoint(name_, local);
    return local;
  }

  [[gnu::cold]] bool can_connect(int& error);
  [[gnu::cold]] Facts facts();
  int bind_to_source(uint16_t port = 0);
  int bind_to_one(uint16_t port);
  bool is_broadcast();
  bool is_surely_held();
  [[gnu::cold]] void undo();
  [[gnu::cold]] void restore_name();

  int fd_;
  int before_;  // errno
  int error_;   // the errno of a refused call
  const Target& target_;
  const Rules& rules_;
  const Rule* rule_;
  SourceChoice choice_;  // once a bind rule decides
  Call call_;
  Step step_ = Step::none;
  Undo undo_ = Undo::nothing;
  bool has_source_ = false;  // the rule's source address is on the socket
  bool spread_ = false;      // IP_LOCAL_PORT_RANGE was set
  bool has_peer_ = false;    // it is a datagram socket that was connected
  Name name_;                // its local address before; set by prepare()
  Name peer_;                // the address of its peer, if has_peer_
};

/// In log lines, why a socket that has a port cannot be moved.
constexpr std::string_view has_fixed_port = "the program has bound the socket to a port";
constexpr std::string_view has_device = "the program has bound the socket to a device";

/// The kind of a socket, by SO_TYPE (socket(7)).
SocketKind kind_of(int fd);

/// Whether getsockname(2) may still show the address and port of a connect that failed, although
/// the socket is bound to neither.
bool has_name_left_behind(int fd);

}  // namespace clusterbind
