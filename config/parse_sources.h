// How the parser reads the source addresses of a bind rule.
#pragma once

#include <optional>
#include <string_view>

#include "config/parse.h"
#include "config/parse_errors.h"
#include "config/words.h"

namespace clusterbind {

class SourceParser {
 public:
  SourceParser(Words& words, Reports& errors, ParsedRules& parsed)
      : words_(words), errors_(errors), parsed_(parsed) {}

  /// Reads one address, one of each family with a blank between them, or a list with commas.
  void read(Rule& rule);

  /// Whether the addresses of the last rule were right. If not, the errors that follow from that
  /// are not reported.
  bool known() const { return known_; }

 private:
  void list();
  bool at_address() const;
  void source(const Token& token, bool in_list);
  void unusable(const Token& token, const char* message, Hint hint);
  void add(const Address& address);
  bool is_listed(const Address& address) const;
  void keep_list(size_t before);

  struct Spelled {
    std::string_view text;
    std::optional<Address> address;
  };

  Words& words_;
  Reports& errors_;
  ParsedRules& parsed_;
  Rule* rule_ = nullptr;
  unsigned count_ = 0;
  bool known_ = true;
  Spelled spelled_[4];  // the last word at each place, and its address
};

}  // namespace clusterbind
