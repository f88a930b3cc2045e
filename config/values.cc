#include "config/values.h"

#include <algorithm>

#include "config/keywords.h"
#include "config/number.h"

namespace clusterbind {
namespace {

uint16_t named_port(std::string_view text) {
  if (text.empty() || text[0] <= '9') return 0;
  for (const PortName& name : port_names) {
    if (text == name.text) return name.port;
  }
  return 0;
}

long read_port(std::string_view text) {
  if (const uint16_t named = named_port(text)) return named;
  const long number = read_number(text, 65535);
  return number == 0 ? -1 : number;
}

}  // namespace

bool is_name(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '+' || c == '-';
  });
}

PortWord read_ports(std::string_view word) {
  const Halves halves = split(word, '-');
  const long low = read_port(halves.before);
  if (!halves.marked) return {low, low, false};
  return {low, read_port(halves.after),
          named_port(halves.before) != 0 || named_port(halves.after) != 0};
}

PrefixWord read_prefix(std::string_view word) {
  const Halves halves = split(word, '/');
  PrefixWord result{read_address(halves.before)};
  if (!result.address) return result;
  const long most = bits(result.address->family);
  result.length = most;
  if (halves.marked) {
    const bool mapped = result.address->family == Family::ipv4 && is_mapped_spelling(halves.before);
    result.skipped = mapped ? 96 : 0;
    const long skipped = result.skipped;
    result.length = read_number(halves.after, most + skipped) - skipped;
  }
  return result;
}

Halves split(std::string_view word, char mark) {
  size_t at = 0;
  while (at < word.size() && word[at] != mark) ++at;
  if (at == word.size()) return {word, {}, false};
  return {{word.data(), at}, {word.data() + at + 1, word.size() - at - 1}, true};
}

}  // namespace clusterbind
