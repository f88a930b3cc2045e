// What single words of a rule text mean: names, ports, prefixes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "config/address.h"

namespace clusterbind {

/// Whether a word can be the name of an executable.
bool is_name(std::string_view word);

/// A port or a port range, read from a word such as 25, smtp or 25-26.
struct PortWord {
  long low, high;  // -1: not a port
  bool is_range_of_names;
};
PortWord read_ports(std::string_view word);

/// A destination, read from a word: an address, or a prefix (an address, a slash and a number of
/// bits).
struct PrefixWord {
  std::optional<Address> address;
  unsigned skipped = 0;  // 96 for an IPv4-mapped IPv6 address, whose number of bits includes these
  long length = 0;       // of the prefix, without `skipped`; negative if the number is wrong
};
PrefixWord read_prefix(std::string_view word);

/// The part of a word before the first `mark`, and the part after it.
struct Halves {
  std::string_view before;
  std::string_view after;
  bool marked = false;
};
Halves split(std::string_view word, char mark);

}  // namespace clusterbind
