#include "config/entry.h"

#include <algorithm>

namespace clusterbind {

// The only use of std::sort, because each one takes two kilobytes of every process.
void sort(Entry* first, Entry* last) {
  if (!std::is_sorted(first, last, before)) std::sort(first, last, before);
}

}  // namespace clusterbind
