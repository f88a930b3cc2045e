// Reads decimal numbers from texts.
#pragma once

#include <string_view>

namespace clusterbind {

/// Reads a decimal number without sign or leading zeros, up to `most`. Returns -1 if the text is
/// not such a number. `most` must be so small that ten times as much fits into a long.
constexpr long read_number(std::string_view text, long most) {
  if (text.empty() || (text[0] == '0' && text.size() > 1)) return -1;
  long value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
    if (value > most) return -1;
  }
  return value;
}

}  // namespace clusterbind
