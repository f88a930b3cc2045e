// Decimal numbers of texts.
#pragma once

#include <string_view>

namespace clusterbind {

/// A decimal number without sign or leading zeros, up to `most`, which has room for another digit
/// in a long; -1 where it is none.
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
