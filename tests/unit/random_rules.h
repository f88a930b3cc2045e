// Random rule texts, with their meaning for the slow model.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "config/keywords.h"
#include "tests/support/horrible_lookup.h"

namespace clusterbind::test {

/// Generates rules from a seed. Their prefixes nest and have common ends, and their ports overlap.
/// Independent random numbers would hardly ever give two rules that match the same connection.
class RandomRules {
 public:
  explicit RandomRules(unsigned seed);

  const std::string& text() const { return text_; }
  const std::vector<PlainRule>& rules() const { return rules_; }

  /// A destination near the ends of some rule's prefix, or a special address.
  Bytes destination();

  /// A port near the ends of some rule's range, or a special one.
  uint16_t port();

  /// A name that a rule has, another name, or none.
  std::string program();

  bool chance(unsigned of) { return random_() % of == 0; }

 private:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  void add_rule();
  std::string add_clause(PlainRule& rule, Clause clause);
  std::string add_source(PlainRule& rule);
  std::string add_destination(PlainRule& rule);
  std::string add_port(PlainRule& rule);

  std::mt19937 random_;
  std::string text_;
  std::vector<PlainRule> rules_;
};

/// The bytes of an address of either family.
Bytes bytes_of(const char* text);

}  // namespace clusterbind::test
