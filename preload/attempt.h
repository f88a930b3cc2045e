// One call that connects: what becomes of it before the kernel sees it, and after.
#pragma once

#include <errno.h>

#include <string_view>

#include "preload/load.h"
#include "preload/socket.h"
#include "preload/target.h"

namespace clusterbind {

/// Whether the kernel's answer to a connect says that it has come to nothing.
constexpr bool has_failed(int error) {
  return error != EINPROGRESS && error != EALREADY && error != EINTR && error != EISCONN;
}

/// What is known of a TCP socket before an Attempt is made of it.
struct Asked {
  int before;  // errno
  int error;   // of getsockname(2)
  Name name;
};

/// Made before the real call. Leaves errno as it was, unless it refuses. Holds nothing: the real
/// call may never return.
class Attempt {
 public:
  Attempt(int fd, const Target& target, Call call, const Asked* asked = nullptr);

  /// That of a fresh socket, which the rule has bound.
  Attempt(int fd, const Rules& rules, const Rule& rule, const Asked& asked)
      : fd_(fd),
        before_(asked.before),
        rules_(&rules),
        rule_(&rule),
        undo_(Undo::unbind),
        name_(asked.name) {}

  /// The call must not go on; errno is set.
  bool refused() const { return refused_; }

  /// Makes the real call, if it may go on.
  template <typename Real>
  auto run(const Target& target, Real real) {
    auto result = decltype(real()){-1};
    if (refused_) return result;
    do {
      result = real();
    } while (result < 0 && is_due_again(target));
    return result;
  }

  /// The real call failed. Undoes the binding, if it came to nothing. Whether the call is to be
  /// made again, from the node's address.
  bool is_due_again(const Target& target);

 private:
  enum class Undo : uint8_t {
    nothing,
    unbind,
    own_address,  // back to the program's own address, without a port
    own_port,     // and with a port of the kernel's choice
  };

  void decide(const Rules& rules, const Match& match, const Target& target, Call call,
              const Asked* asked);
  void apply(const Rules& rules, const Rule& rule, const Target& target);
  void bind(const Rules& rules, const Rule& rule, const Target& target, const Local& local);
  int bind_to(Family socket, const Address& source);
  void fall_back(const Rules& rules, const Rule& rule, const Target& target,
                 std::string_view reason);
  void refuse(int error);
  void undo();

  int fd_;
  int before_ = 0;                // errno
  int error_ = 0;                 // of the refusal
  const Rules* rules_ = nullptr;  // that bound the socket
  const Rule* rule_ = nullptr;
  Undo undo_ = Undo::nothing;
  bool was_dual_ = false;  // IPV6_V6ONLY was off before bind set it
  bool refused_ = false;
  Name name_;  // of the socket, once it was asked for
};

}  // namespace clusterbind
