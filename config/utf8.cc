#include "config/utf8.h"

namespace clusterbind {

size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [=](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  // The second byte's bounds leave out overlong forms, surrogates and what lies beyond U+10FFFF.
  const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < low || byte(1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  return length;
}

size_t printable_length(std::string_view text) {
  const size_t length = utf8_length(text);
  if (length == 0) return 0;
  const auto byte = [=](size_t i) { return static_cast<unsigned char>(text[i]); };
  const bool is_control = length == 1 ? byte(0) < 0x20 || byte(0) == 0x7f
                                      : length == 2 && byte(0) == 0xc2 && byte(1) < 0xa0;
  return is_control ? 0 : length;
}

}  // namespace clusterbind
