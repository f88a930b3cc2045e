// Memory from the kernel, or inside the library. Never from the program's heap: if a signal handler
// connects, the function that it has interrupted may hold the heap's lock.
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

/// Zeroed memory inside the library, for the first rules of a process if they are few: getting a
/// page from the kernel would take longer than reading them. It is never given back.
class OwnMemory {
 public:
  /// Null if fewer than `size` bytes are left. Lock-free.
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

/// `kept` begins in the page that also holds the pointers which every connection reads. So a
/// connection touches few pages, which matters if a system call has emptied the TLB.
struct OwnMemories {
  OwnMemory kept;
  OwnMemory scratch;
};
extern constinit OwnMemories own;

/// Zeroed memory from `first`, or from the kernel if `first` has too little. The destructor frees
/// it unless it was kept.
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

  /// False if there was no memory.
  explicit operator bool() const { return memory_ != nullptr; }

  std::span<std::byte> all() const { return {memory_, size_}; }

  /// Takes the next `count` of T. The size that was given to the constructor must include them.
  template <typename T>
  std::span<T> take(size_t count) {
    T* result = reinterpret_cast<T*>(memory_ + taken_);
    taken_ += padded<T>(count);
    return {result, count};
  }

  /// Has the kernel provide the first `size` bytes at once, which takes a third of the time that a
  /// page fault for each page takes. Does nothing before Linux 5.14.
  void prepare(size_t size) {
    if (mapped_) madvise(memory_, size < size_ ? size : size_, MADV_POPULATE_WRITE);
  }

  /// The bytes that were taken.
  size_t taken() const { return taken_; }

  /// The bytes of `count` of T, rounded up so that the next list begins at a cache line.
  template <typename T>
  static constexpr size_t padded(size_t count) {
    constexpr size_t unit = 64;
    return (count * sizeof(T) + unit - 1) / unit * unit;
  }

  /// Keeps all of it for good.
  void keep_all() { mapped_ = false; }

  /// Keeps the first `used` bytes for good and frees the rest.
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
