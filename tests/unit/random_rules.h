// Random rule texts, together with what they mean for the slow model.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "config/keywords.h"
#include "tests/support/horrible_lookup.h"

namespace clusterbind::test {

/// Rules from a seed. Their prefixes nest and share ends, their ports overlap: a random text of
/// independent numbers would hardly ever have two rules that match one connection.
class RandomRules {
 public:
  explicit RandomRules(unsigned seed);

  const std::string& text() const { return text_; }
  const std::vector<PlainRule>& rules() const { return rules_; }

  /// A destination near the ends of some rule's prefix, or a notable address.
  Bytes destination();

  /// A port near the ends of some rule's range, or a notable one.
  uint16_t port();

  /// One of the names that rules have, another one, or none.
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

/// Bytes of an address of either family.
Bytes bytes_of(const char* text);

}  // namespace clusterbind::test
