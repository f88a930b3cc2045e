// Turns sorted prefixes into the list of addresses at which the innermost prefix changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "config/address.h"
#include "config/entry.h"
#include "config/layout.h"

namespace clusterbind {

template <typename Key>
Key key_of(const Number128& number) {
  if constexpr (sizeof(Key) == sizeof(uint32_t)) {
    return static_cast<uint32_t>(number.low);
  } else {
    return number;
  }
}

/// Walks through sorted prefixes and records in a list where the innermost prefix changes. The
/// list has groups in place of nodes, which do not exist yet.
template <typename Key>
class PrefixTree {
 public:
  PrefixTree(Family which, Interval<Key>* list)
      : family_(which), list_(list), end_(number_of(last_address({0, 0, which}, 0))) {
    note({0, 0}, no_rule);
  }

  /// Leaves the prefixes that end before `entry`; returns the groups around it, outermost first.
  std::span<const uint32_t> approach(const Entry& entry) {
    while (depth_ > 0 && last_[depth_ - 1] < entry.first) leave();
    return {open_, depth_};
  }

  /// Enters the prefix of `entry`.
  void enter(const Entry& entry, uint32_t group) {
    const Address first{entry.first.high, entry.first.low, family_};
    last_[depth_] = number_of(last_address(first, length_of(entry.rank)));
    open_[depth_++] = group;
    note(entry.first, group);
  }

  void leave_all() {
    while (depth_ > 0) leave();
  }

  size_t count() const { return count_; }

 private:
  [[gnu::noinline]] void leave() {
    Number128 next = last_[--depth_];
    if (next == end_) return;
    if (++next.low == 0) ++next.high;
    note(next, depth_ == 0 ? no_rule : open_[depth_ - 1]);
  }

  /// Records that `group` is the innermost one from `start` on. The first interval, which is the
  /// wildcard address, keeps no_rule.
  void note(Number128 start, uint32_t group) {
    if (count_ > 0) {
      if (start == Number128{0, 0}) start.low = 1;
      if (start == start_) --count_;
    }
    if (count_ > 0) list_[count_ - 1].last = key_of<Key>(before(start));
    list_[count_++] = {key_of<Key>(end_), group};
    start_ = start;
  }

  static Number128 before(Number128 number) {
    if (number.low-- == 0) --number.high;
    return number;
  }

  Family family_;
  Interval<Key>* list_;
  Number128 end_;  // the last address of the family
  size_t count_ = 0;
  Number128 start_ = {0, 0};  // of the last interval
  uint32_t open_[131];  // the prefixes around the current address: /0, any, /1 to /128, loopback
  Number128 last_[131];
  unsigned depth_ = 0;
};

}  // namespace clusterbind
