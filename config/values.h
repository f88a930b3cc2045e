// What single words of a rule text mean: names, ports, prefixes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "config/address.h"

namespace clusterbind {

/// Whether a word can be the name of an executable.
bool is_name(std::string_view word);

/// A port range as it is written: 25, smtp or 25-26.
struct PortWord {
  long low, high;  // -1: no port
  bool is_range_of_names;
};
PortWord read_ports(std::string_view word);

/// A destination as it is written: an address, perhaps with a slash and a number of bits.
struct PrefixWord {
  std::optional<Address> address;
  unsigned skipped = 0;  // what the number counts too: in an IPv4-mapped IPv6 address the first 96
  long length = 0;       // of the prefix; negative where the number is wrong
};
PrefixWord read_prefix(std::string_view word);

/// What of a word stands before the first `mark`, and behind it.
struct Halves {
  std::string_view before;
  std::string_view behind;
  bool marked = false;
};
Halves split(std::string_view word, char mark);

}  // namespace clusterbind
