#include "preload/real.h"

#include <dlfcn.h>

// Before glibc 2.34, dlsym(3) is in libdl, which the program may not have loaded. There libc itself
// has _dl_sym, which dlsym calls. Every libc has one of the two.
extern "C" [[gnu::weak]] decltype(dlsym) dlsym;  // NOLINT(readability-redundant-declaration)
#ifdef __i386__
// It takes its arguments in registers up to glibc 2.26, and on the stack from 2.28 on. This
// declaration passes them in both.
extern "C" [[gnu::weak, gnu::regparm(3)]] void* _dl_sym(void*, const char*, void*, void*,
                                                        const char*, void*);
#else
extern "C" [[gnu::weak]] void* _dl_sym(void* handle, const char* name, void* caller);
#endif

namespace clusterbind::real {

#define EXPORT(name)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
// NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is defined has none
#define ORIGINAL(name) constinit Original<decltype(::name)> name(#name);
#define NEWER(name) ORIGINAL(name)
#include "preload/hooks.def"
#undef NEWER
#undef ORIGINAL
#pragma GCC diagnostic pop

namespace {

/// The next definition of a name after this library's, or null. If a name does not exist, _dl_sym
/// ends the process. So it is never asked for newer names: a libc that needs _dl_sym has none of
/// them.
void* next(const char* name, bool newer) {
  if (dlsym != nullptr) return dlsym(RTLD_NEXT, name);
  if (newer || _dl_sym == nullptr) return nullptr;
  void* const caller = reinterpret_cast<void*>(next);
#ifdef __i386__
  return _dl_sym(RTLD_NEXT, name, caller, RTLD_NEXT, name, caller);
#else
  return _dl_sym(RTLD_NEXT, name, caller);
#endif
}

}  // namespace

void resolve() {
  const auto find = []<typename Function>(Original<Function>& original, bool newer) {
    if (original.function_.load(std::memory_order_relaxed) != nullptr) return;
    original.function_.store(reinterpret_cast<Function*>(next(original.name_, newer)),
                             std::memory_order_relaxed);
  };
#define ORIGINAL(name) find(name, false);
#define NEWER(name) find(name, true);
#include "preload/hooks.def"
#undef NEWER
#undef ORIGINAL
}

}  // namespace clusterbind::real
