// Memory that is handed out in pieces, from its beginning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace clusterbind {

/// Hands out a piece of memory from its beginning.
class Arena {
 public:
  explicit Arena(std::span<std::byte> memory) : begin_(memory.data()), next_(memory.data()) {}

  template <typename T>
  T* take(size_t count) {
    T* const result = reinterpret_cast<T*>(next_);
    end_at(result + count);
    return result;
  }

  /// Gives back the part of the last take() from `end` on.
  template <typename T>
  void end_at(const T* end) {
    next_ = begin_ + padded(static_cast<size_t>(reinterpret_cast<const std::byte*>(end) - begin_));
  }

  /// Skips bytes, so that the next take() begins at a multiple of `unit`.
  void align(size_t unit) { next_ += -reinterpret_cast<uintptr_t>(next_) % unit; }

  std::byte* next() const { return next_; }
  size_t used() const { return static_cast<size_t>(next_ - begin_); }

  static constexpr size_t padding = alignof(uint64_t);  // the most bytes lost after each take()

 private:
  static size_t padded(size_t size) { return (size + padding - 1) / padding * padding; }

  std::byte* begin_;
  std::byte* next_;
};

}  // namespace clusterbind
