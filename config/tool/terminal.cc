#include "config/tool/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace clusterbind::tool {
namespace {

bool is_coloured(int descriptor) {
  const char* const no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && isatty(descriptor) == 1;
}

const char* sequence(Colour colour) {
  switch (colour) {
    case Colour::error:
      return "\033[1;31m";
    case Colour::warning:
      return "\033[1;35m";
    case Colour::good:
      return "\033[1;32m";
    case Colour::heading:
      return "\033[1m";
  }
  return "";
}

}  // namespace

std::string paint(Colour colour, std::string_view text, bool to_stderr) {
  static const bool out = is_coloured(STDOUT_FILENO);
  static const bool err = is_coloured(STDERR_FILENO);
  if (!(to_stderr ? err : out)) {
    return std::string(text);
  }
  return fmt::format("{}{}\033[0m", sequence(colour), text);
}

size_t utf8_length(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) {
    return 1;
  }
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) {
    return 0;
  }
  // The second byte's bounds leave out overlong forms, surrogates and what lies beyond U+10FFFF.
  const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < low || byte(1) > high) {
    return 0;
  }
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
  return std::all_of(text.begin() + 2, text.begin() + static_cast<ptrdiff_t>(length), continues)
             ? length
             : 0;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const auto byte = static_cast<unsigned char>(text.front());
    // U+0080 to U+009F are control characters too.
    const bool control =
        (byte < 0x20 && byte != '\t') || byte == 0x7f ||
        (byte == 0xc2 && length == 2 && static_cast<unsigned char>(text[1]) < 0xa0);
    if (length == 0 || control) {
      out += '?';
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

void append(std::string& list, std::string_view item, std::string_view separator) {
  if (!list.empty()) {
    list += separator;
  }
  list += item;
}

std::string counted(size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace clusterbind::tool
