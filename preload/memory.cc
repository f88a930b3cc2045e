#include "preload/memory.h"

namespace clusterbind {

constinit OwnMemories own;

}  // namespace clusterbind
