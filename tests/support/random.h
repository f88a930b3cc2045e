// Random numbers that are the same with every standard library and compiler.
#pragma once

#include <cstddef>
#include <cstdint>

namespace clusterbind::test {

/// splitmix64.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint32_t below(uint32_t limit) { return static_cast<uint32_t>((next() >> 32) * limit >> 32); }
  bool chance(uint32_t of) { return below(of) == 0; }

  template <typename T, size_t n>
  const T& pick(const T (&list)[n]) {
    return list[below(static_cast<uint32_t>(n))];
  }

 private:
  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }

  uint64_t state_;
};

}  // namespace clusterbind::test
