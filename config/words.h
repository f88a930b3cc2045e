// Splits a rule text into words. Blanks, comments and line ends are handled here and nowhere else.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/keywords.h"

namespace clusterbind {

/// A word, a comma, or the end of a statement (a line end, a semicolon, the end of the text).
struct Token {
  enum Kind : uint8_t { word, comma, end };
  Kind kind = end;
  Clause clause = Clause::none;  // the clause that the word begins
  std::string_view text;
  uint32_t line = 1;    // from 1
  uint32_t column = 1;  // from 1, in bytes
};

/// Hands out the tokens of a text one by one. A control byte is reported through `bad_byte`, and
/// counts as a blank.
class Words {
 public:
  using BadByte = void (*)(void* context, uint32_t line, uint32_t column, unsigned char byte);

  Words(std::string_view text, BadByte bad_byte, void* context)
      : text_(text), bad_byte_(bad_byte), context_(context) {
    advance();
  }

  const Token& current() const { return current_; }
  bool at_word() const { return current_.kind == Token::word; }
  bool at_clause() const { return current_.clause != Clause::none; }
  bool at_comma() const { return current_.kind == Token::comma; }

  /// Whether a value comes next. If `clauses_end`, a word that begins a clause is not a value.
  bool at_value(bool clauses_end) const { return at_word() && !(clauses_end && at_clause()); }

  /// Whether the whole text has been handed out.
  bool finished() const { return finished_; }

  void advance();

  /// Returns the current token and advances to the next.
  Token take() {
    const Token token = current_;
    if (token.kind == Token::word) {
      last_line_ = token.line;
      last_end_ = token.column + static_cast<uint32_t>(token.text.size());
    }
    advance();
    return token;
  }

  /// Skips the rest of a clause after an error in it.
  void skip_to_clause() {
    while (current_.kind != Token::end && !at_clause()) advance();
  }

  /// The place just after the last word that was taken.
  uint32_t last_line() const { return last_line_; }
  uint32_t last_end() const { return last_end_; }

 private:
  uint32_t column(size_t position) const {
    return static_cast<uint32_t>(position - line_start_) + 1;
  }

  bool at_carriage_return() const;
  bool passes_as_blank();
  void skip_blanks();
  void take_word();

  std::string_view text_;
  BadByte bad_byte_;
  void* context_;
  size_t position_ = 0;
  size_t line_start_ = 0;
  uint32_t line_ = 1;
  uint32_t last_line_ = 1;
  uint32_t last_end_ = 1;
  bool ended_ = false;
  bool finished_ = false;
  Token current_;
};

}  // namespace clusterbind
