// Lets a fuzz target report that something is wrong.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace clusterbind::test {

inline void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "finding: %s\n", what);
  std::abort();
}

}  // namespace clusterbind::test
