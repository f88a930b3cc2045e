// Memory from the kernel alone: the program's heap may be locked by the frame that we interrupt.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <span>

namespace clusterbind {

/// Anonymous zeroed pages (mmap(2)), given back at the end unless they are kept.
class Pages {
 public:
  explicit Pages(size_t size) : size_(size) {
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return;
    memory_ = static_cast<std::byte*>(memory);
    // Page faults are the larger part of the time that 100,000 rules take to load.
    if (size >= large) madvise(memory, size, MADV_HUGEPAGE);
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() {
    if (memory_ != nullptr) munmap(memory_, size_);
  }

  /// False where the kernel gave none.
  explicit operator bool() const { return memory_ != nullptr; }

  std::span<std::byte> all() const { return {memory_, size_}; }

  /// Takes the next `count` of T, which the caller has counted into the size.
  template <typename T>
  std::span<T> take(size_t count) {
    T* result = reinterpret_cast<T*>(memory_ + taken_);
    taken_ += padded<T>(count);
    return {result, count};
  }

  template <typename T>
  static constexpr size_t padded(size_t count) {
    constexpr size_t unit = alignof(std::max_align_t);
    return (count * sizeof(T) + unit - 1) / unit * unit;
  }

  /// Keeps all of them for good.
  void keep_all() { memory_ = nullptr; }

  /// Keeps the first `used` bytes for good and gives the rest back.
  void keep(size_t used) {
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t kept = (used + page - 1) / page * page;
    if (kept < size_) munmap(memory_ + kept, size_ - kept);
    memory_ = nullptr;
  }

 private:
  static constexpr size_t large = size_t{4} << 20;

  std::byte* memory_ = nullptr;
  size_t size_;
  size_t taken_ = 0;
};

}  // namespace clusterbind
