// The rule language: text in, rules or errors out. The grammar is in clusterbind.conf(5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "config/rule.h"

namespace clusterbind {

/// The largest rule text that is read, in bytes.
constexpr size_t text_limit = size_t{16} << 20;

/// The most combinations of a destination and a port range that the rules of a text may have in
/// all: what a lookup table is made of, so its memory is bounded.
constexpr uint64_t combination_limit = uint64_t{1} << 22;

/// What to write instead of what is wrong, by a name: the sentences are in parse_hints.cc, which
/// the library does without, because it prints none.
enum class Hint : uint8_t {
  plain_text,
  prefixes_and_ranges,
  a_rule,
  // statements and settings
  statement,
  beginning_of_rule,
  above_all_others,
  once,
  one_value,
  log,
  ports,
  reload,
  // rules
  sources,
  blanks,
  address,
  address_to_send_from,
  global_address,
  source_of_each_family,
  fewer_combinations,
  clause,
  element_or_clause,
  bind_rule,
  protocol,
  fallback,
  // lists
  elements,
  commas,
  program_name,
  destination,
  prefix_length,
  host_bits,
  family,
  port,
  range_of_numbers,
  low_port_first,
};

/// What is wrong at one place of a rule text. A line of 0 speaks of the text as a whole.
struct Error {
  uint32_t line = 0;    // from 1
  uint32_t column = 0;  // from 1, in bytes
  uint32_t length = 0;  // bytes of the wrong word, for the caret; 0 where something is missing
  Hint hint = {};
  char message[128] = {};
};

/// The first errors of a text, and how many there are in all.
struct Errors {
  static constexpr size_t kept = 20;
  size_t count = 0;
  Error list[kept];

  std::span<const Error> shown() const { return {list, count < kept ? count : kept}; }
};

/// Where a rule's clauses lie in the lists of a Syntax.
struct Clauses {
  uint32_t destinations = 0, destination_count = 0;  // none: `any`
  uint32_t ports = 0, port_count = 0;                // none: every port
  uint32_t programs = 0, program_count = 0;          // none: every program
};

/// How much of each list a text needs.
struct Counts {
  size_t rules = 0, destinations = 0, ports = 0, programs = 0, only = 0;
};

/// A rule text as read. The lists are the caller's memory; names point into the text.
/// A list that is too small (or empty) is filled as far as it goes; `counts` tells what is needed.
struct Syntax {
  std::span<Rule> rules;
  std::span<Clauses> clauses;  // as long as `rules`
  std::span<Destination> destinations;
  std::span<PortRange> ports;
  std::span<std::string_view> programs;
  std::span<std::string_view> only;
  Settings settings;
  Counts counts;
};

/// How much of each list a right text can need at most, by its statements and commas: with lists of
/// this size one reading is enough. Blank lines and comments count for nothing.
Counts at_most(std::string_view text);

/// Reads a rule text. `errors` receives all that is wrong; with errors the lists are of no use.
/// Reads no more than text_limit bytes: a longer text is an error.
void parse(std::string_view text, Syntax& syntax, Errors& errors);

/// Whether the text begins with a right `only` statement that does not name `program`: then the
/// rest of the text, right or wrong, is none of this program's business. An empty name is no name.
/// `errors` is scratch space, which needs no beginning.
bool spares(std::string_view text, std::string_view program, Errors& errors);

inline bool spares(std::string_view text, std::string_view program) {
  Errors errors;
  return spares(text, program, errors);
}

}  // namespace clusterbind
