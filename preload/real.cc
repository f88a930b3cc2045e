#include "preload/real.h"

#include <dlfcn.h>

namespace clusterbind::real {

#define EXPORT(name)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
// NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is defined has none
#define ORIGINAL(name) constinit Original<decltype(::name)> name(#name);
#include "preload/hooks.def"
#undef ORIGINAL
#pragma GCC diagnostic pop

void resolve() {
  const auto find = []<typename Function>(Original<Function>& original) {
    if (original.function_.load(std::memory_order_relaxed) != nullptr) return;
    original.function_.store(reinterpret_cast<Function*>(dlsym(RTLD_NEXT, original.name_)),
                             std::memory_order_relaxed);
  };
#define ORIGINAL(name) find(name);
#include "preload/hooks.def"
#undef ORIGINAL
}

}  // namespace clusterbind::real
