#include "config/entry.h"

#include <algorithm>

namespace clusterbind {

// The only use of std::sort in the library: each instance adds two kilobytes of code.
void sort(Entry* first, Entry* last) {
  if (!std::is_sorted(first, last, before)) std::sort(first, last, before);
}

}  // namespace clusterbind
