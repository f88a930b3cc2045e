#include "config/tool/command/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "config/utf8.h"

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

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t shown = text.front() == '\t' ? 1 : printable_length(text);
    if (shown == 0) {
      out += '?';
    } else {
      out += text.substr(0, shown);
    }
    text.remove_prefix(std::max<size_t>(utf8_length(text), 1));
  }
  return out;
}

// Unlike fmt::print, which throws.
void say(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
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
