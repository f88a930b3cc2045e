// One call that connects, from the rules to what is undone after it: the table in "What happens
// when a program connects" of libclusterbind(8), in its order. Which way a bind rule takes with a
// socket is in decision.h, what is asked of the kernel in socket.h.
//
// Nothing is held across the real call, which may never return: a signal handler may jump out of
// it.
#pragma once

#include <errno.h>

#include <string_view>

#include "preload/decision.h"
#include "preload/load.h"
#include "preload/socket.h"
#include "preload/target.h"

namespace clusterbind {

/// connect(2) under the rules.
int connect_by_rules(int fd, const sockaddr* address, socklen_t length);

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
  Next obey();
  Next bind();
  Next keep();
  Next bind_now(Way way);
  Next begin_move();
  Next move(bool connected);
  Next after(bool connected);
  Next fall_back(std::string_view reason);
  Next refuse(int error);

  Facts facts();
  int bind_to_source(uint16_t port = 0);
  bool is_surely_held();
  void note_bound();
  void undo();
  void restore_name();

  int fd_;
  int before_ = 0;  // errno
  int error_ = 0;   // of the refusal
  const Target& target_;
  const Rules& rules_;
  const Rule* rule_ = nullptr;
  Call call_;
  Step step_ = Step::none;
  Undo undo_ = Undo::nothing;
  bool has_source_ = false;  // the rule's source address is on the socket
  bool spread_ = false;      // IP_LOCAL_PORT_RANGE was set
  bool has_peer_ = false;    // a datagram socket that was connected: peer_
  Address source_;
  Local local_;  // the socket's own name, before
  Local peer_;
};

/// Makes a call that connects under the rules that are in force.
template <typename Real>
auto under_rules(int fd, const Target& target, Call call, Real real) {
  const Rules& rules = rules_for_connection();
  if (rules.silent && !rules.ruleset.may_act_on(target.port)) return real();
  const Match match = rules.match(target);
  if (rules.silent && !acts_for(match, rules.list, call)) return real();
  return Connection(fd, target, rules, call).run(match, real);
}

}  // namespace clusterbind
