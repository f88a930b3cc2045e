// Memory from the kernel or of the library's own: the program's heap may be locked by the frame
// that we interrupt.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace clusterbind {

/// Zeroed memory inside the library, for the first rules of a process if they are few. Getting a
/// page from the kernel would take longer than reading them. What was taken is never returned.
class OwnMemory {
 public:
  /// Null where no `size` bytes are left. Lock-free.
  std::byte* take(size_t size) {
    // Guesses 0 instead of loading the value: reading a page before writing to it costs two faults.
    size_t taken = 0;
    do {
      if (size > sizeof memory_ - taken) return nullptr;
    } while (!taken_.compare_exchange_weak(taken, taken + size, std::memory_order_relaxed));
    return memory_ + taken;
  }

 private:
  std::atomic<size_t> taken_ = 0;
  alignas(64) std::byte memory_[20 << 10] = {};
};

/// The rules that are kept begin in the page that also holds the pointers which every connection
/// reads. So a connection touches few pages, which counts when a system call has emptied the TLB.
struct OwnMemories {
  OwnMemory kept;
  OwnMemory scratch;
};
extern constinit OwnMemories own;

/// Zeroed memory, given back at the end unless it is kept: from `first`, or else from the kernel.
class Pages {
 public:
  explicit Pages(size_t size, OwnMemory* first = nullptr) : size_(size) {
    if (first != nullptr) memory_ = first->take(padded<std::byte>(size));
    if (memory_ != nullptr) return;
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return;
    memory_ = static_cast<std::byte*>(memory);
    mapped_ = true;
    // Page faults are the larger part of the time that 100,000 rules take to load.
    if (size >= large) madvise(memory, size, MADV_HUGEPAGE);
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() {
    if (mapped_) munmap(memory_, size_);
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

  /// Has the first `size` bytes ready at once, which costs a third of meeting each page by a fault.
  /// Kernels before 5.14 do not know it.
  void prepare(size_t size) {
    if (mapped_) madvise(memory_, size < size_ ? size : size_, MADV_POPULATE_WRITE);
  }

  /// The bytes that were taken.
  size_t taken() const { return taken_; }

  /// Lists begin at a line of the caches.
  template <typename T>
  static constexpr size_t padded(size_t count) {
    constexpr size_t unit = 64;
    return (count * sizeof(T) + unit - 1) / unit * unit;
  }

  /// Keeps all of it for good.
  void keep_all() { mapped_ = false; }

  /// Keeps the first `used` bytes for good and gives the rest back.
  void keep(size_t used) {
    if (!mapped_) return;
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t kept = (used + page - 1) / page * page;
    if (kept < size_) munmap(memory_ + kept, size_ - kept);
    mapped_ = false;
  }

 private:
  static constexpr size_t large = size_t{4} << 20;

  std::byte* memory_ = nullptr;
  size_t size_;
  size_t taken_ = 0;
  bool mapped_ = false;
};

}  // namespace clusterbind
