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

/// How many combinations of a destination and a port range all rules of a text may have together.
/// The lookup table is made of them, so this bounds its memory.
constexpr uint64_t combination_limit = uint64_t{1} << 22;

/// Which hint an error has, that is, what to write instead. The sentences are in hints/general.cc.
/// The library prints no hints, so it does not link that file.
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
  address,
  address_to_send_from,
  global_address,
  source_of_each_family,
  commas_between_all,
  fewer_sources,
  pick,
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

/// What is wrong at one place of a rule text. Line 0 means the text as a whole.
struct Error {
  uint32_t line = 0;    // from 1
  uint32_t column = 0;  // from 1, in bytes
  uint32_t length = 0;  // bytes of the wrong word, for the caret; 0 if something is missing
  Hint hint = {};
  char message[128] = {};
};

/// The first errors of a text, and the number of all its errors.
struct Errors {
  static constexpr size_t kept = 20;
  size_t count = 0;
  Error list[kept];

  std::span<const Error> shown() const { return {list, count < kept ? count : kept}; }
};

/// What a rule matches: the index of its first element in each list of a ParsedRules, and how many
/// it has.
struct Clauses {
  uint32_t destinations = 0, destination_count = 0;  // 0: `any`
  uint32_t ports = 0, port_count = 0;                // 0: every port
  uint32_t programs = 0, program_count = 0;          // 0: every program
};

/// How many elements of each list a text needs.
struct Counts {
  size_t rules = 0, sources = 0, destinations = 0, ports = 0, programs = 0, only = 0;
};

/// A parsed rule text. The caller provides the memory of the lists. Names point into the text. If a
/// list is too small (or empty), it gets as many elements as fit; `counts` says how many there are.
struct ParsedRules {
  std::span<Rule> rules;
  std::span<Clauses> clauses;  // as long as `rules`
  std::span<Address> sources;  // of rules that have several of one family
  std::span<Destination> destinations;
  std::span<PortRange> ports;
  std::span<std::string_view> programs;
  std::span<std::string_view> only;
  Settings settings;
  Counts counts;
};

/// Counts a value, and adds it to its list if there is room.
template <typename T>
void keep(std::span<T> list, size_t& count, const T& value) {
  if (count < list.size()) list[count] = value;
  ++count;
}

/// An upper bound for the sizes of the lists that a text without errors needs. It counts statements
/// and commas, not blank lines and comments. With lists of this size, one call of parse() is
/// enough.
Counts at_most(std::string_view text);

/// Parses a rule text. `errors` receives the errors; if there are any, do not use the lists. A text
/// of more than text_limit bytes is an error.
void parse(std::string_view text, ParsedRules& parsed, Errors& errors);

/// Whether the text begins with a valid `only` statement that does not name `program`. Then the
/// rest of the text, right or wrong, does not concern this program. An empty `program` matches no
/// name. `errors` is scratch space and need not be initialized.
bool excludes(std::string_view text, std::string_view program, Errors& errors);

inline bool excludes(std::string_view text, std::string_view program) {
  Errors errors;
  return excludes(text, program, errors);
}

}  // namespace clusterbind
