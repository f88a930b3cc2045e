#include "preload/errors.h"

#include <errno.h>

#include <cstdint>
#include <string_view>

#include "config/text.h"

namespace clusterbind {
namespace {

// The texts are characters one after the other. Pointers to them would have to be relocated in
// every process that loads the library.
constexpr uint8_t numbers[] = {
#define KNOWN(error, text) error,
#include "preload/errors.def"
#undef KNOWN
};
constexpr char texts[] =
#define KNOWN(error, text) text "\0"
#include "preload/errors.def"
#undef KNOWN
    ;

}  // namespace

ErrorText::ErrorText(int error) {
  const char* text = texts;
  for (const uint8_t number : numbers) {
    if (number == error) {
      view_ = text;
      return;
    }
    text += std::string_view(text).size() + 1;
  }
  Text other(other_);
  other << "error " << static_cast<uint64_t>(error);
  view_ = other.view();
}

}  // namespace clusterbind
