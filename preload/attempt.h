// One call that connects: what becomes of it before the kernel sees it, and after.
#pragma once

#include <string_view>

#include "preload/load.h"
#include "preload/socket.h"
#include "preload/target.h"

namespace clusterbind {

/// The call that connects. Messages connect stream sockets only (MSG_FASTOPEN).
enum class Call : uint8_t { connect, message };

/// Made before the real call, finished with its result. Leaves errno as it was, unless it refuses.
/// Holds nothing: the real call may never return.
class Attempt {
 public:
  Attempt(int fd, const Target& target, Call call);

  /// The call must not go on; errno is set.
  bool refused() const { return refused_; }

  /// Undoes the binding where the call failed at once. Returns `result`.
  template <typename Result>
  Result finish(Result result) {
    if (result < 0 && undo_ != Undo::nothing) failed();
    return result;
  }

 private:
  enum class Undo : uint8_t {
    nothing,
    unbind,
    own_address,  // back to the program's own address, without a port
    own_port,     // and with a port of the kernel's choice
  };

  void decide(const Rules& rules, const Match& match, const Target& target, Call call);
  bool takes_family(const Target& target) const;
  void apply(const Rules& rules, const Rule& rule, const Target& target);
  void bind(const Rules& rules, const Rule& rule, const Target& target);
  Way way(const Rule& rule, bool ours) const;
  int bind_to(const Address& source);
  void fall_back(const Rules& rules, const Rule& rule, const Target& target,
                 std::string_view reason);
  void refuse(int error);
  void undo();
  void failed();

  int fd_;
  int error_ = 0;  // of the refusal
  Local local_;
  Undo undo_ = Undo::nothing;
  bool was_dual_ = false;  // IPV6_V6ONLY was off before bind set it
  bool refused_ = false;
};

}  // namespace clusterbind
