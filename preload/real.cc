#include "preload/real.h"

#include <dlfcn.h>
#include <string.h>

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
// "2.36". musl does not have it.
extern "C" [[gnu::weak]] const char* gnu_get_libc_version();

namespace clusterbind::real {

#define EXPORT(name)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
// NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is defined has none
#define ORIGINAL(name) constinit Original<decltype(::name)> name(#name);
#define NEWER(name, minor) ORIGINAL(name)
#include "preload/hooks.def"
#undef NEWER
#undef ORIGINAL
#pragma GCC diagnostic pop

namespace {

/// Whether libc is glibc 2.`minor` or newer.
bool has_glibc(int minor) {
  if (gnu_get_libc_version == nullptr) return false;
  const char* const text = gnu_get_libc_version();
  if (strncmp(text, "2.", 2) != 0) return false;
  int number = 0;
  for (const char* at = text + 2; *at >= '0' && *at <= '9'; ++at) number = number * 10 + *at - '0';
  return number >= minor;
}

/// The next definition of a name after this library's, or null. The name must exist: else _dl_sym
/// ends the process, and dlsym takes memory from the heap for a message, which the program gets
/// from its next dlerror(3).
void* next(const char* name) {
  if (dlsym != nullptr) return dlsym(RTLD_NEXT, name);
  if (_dl_sym == nullptr) return nullptr;
  void* const caller = reinterpret_cast<void*>(next);
#ifdef __i386__
  return _dl_sym(RTLD_NEXT, name, caller, RTLD_NEXT, name, caller);
#else
  return _dl_sym(RTLD_NEXT, name, caller);
#endif
}

}  // namespace

void resolve() {
  const auto find = []<typename Function>(Original<Function>& original) {
    if (original.function_.load(std::memory_order_relaxed) != nullptr) return;
    original.function_.store(reinterpret_cast<Function*>(next(original.name_)),
                             std::memory_order_relaxed);
  };
#define ORIGINAL(name) find(name);
#define NEWER(name, minor) \
  if (has_glibc(minor)) find(name);
#include "preload/hooks.def"
#undef NEWER
#undef ORIGINAL
}

}  // namespace clusterbind::real
