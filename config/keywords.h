// Every word of the rule language, each in one place. The parser, the tool's printer, the hints,
// the completion of the shell and the dictionary of the fuzzer take the words from here.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace clusterbind {

/// A keyword of the language. The characters are in the list itself: if it held pointers, ld.so
/// would have to relocate each of them in every process that loads the library.
using Keyword = char[9];

/// The words that a statement begins with. The first three are those of Action.
enum class Statement : int8_t { none = -1, bind, direct, refuse, only, log, ports, reload };
constexpr Keyword statement_words[] = {"bind", "direct", "refuse", "only",
                                       "log",  "ports",  "reload"};

/// The words that a clause of a rule begins with.
enum class Clause : int8_t {
  none = -1,
  to,
  port,
  proto,
  program,
  override_program,
  pick,
  otherwise
};
constexpr Keyword clause_words[] = {"to", "port", "proto", "program", "override", "pick", "else"};

/// The values of clauses and settings, in the order of their types in rule.h.
constexpr Keyword protocol_words[] = {"tcp", "udp", "any"};
constexpr Keyword pick_words[] = {"first", "random"};
constexpr Keyword fallback_words[] = {"refuse", "direct"};
constexpr Keyword level_words[] = {"off", "error", "info", "debug"};
constexpr Keyword ports_words[] = {"kernel", "spread"};
constexpr Keyword switch_words[] = {"off", "on"};

/// The destination that is every address but loopback.
constexpr Keyword any_word = "any";

/// A name for a port.
struct PortName {
  char text[12];
  uint16_t port;
};
constexpr PortName port_names[] = {{"smtp", 25},        {"smtps", 465}, {"submissions", 465},
                                   {"submission", 587}, {"lmtp", 24},   {"qmtp", 209},
                                   {"x400", 102}};

/// Whether `word`, of a text without NUL bytes, is `keyword`.
inline bool is(const Keyword& keyword, std::string_view word) {
  return word.size() < sizeof keyword && keyword[word.size()] == '\0' &&
         std::memcmp(keyword, word.data(), word.size()) == 0;
}

/// The index of a word in a list of keywords, or -1.
inline int index_of(std::span<const Keyword> list, std::string_view word) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i][0] == word[0] && is(list[i], word)) return static_cast<int>(i);
  }
  return -1;
}

/// The word for a value whose type has the order of the list.
template <typename Value>
constexpr std::string_view word_of(std::span<const Keyword> list, Value value) {
  return list[static_cast<size_t>(value)];
}

}  // namespace clusterbind
