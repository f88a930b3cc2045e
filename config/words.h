// A rule text as words: blanks, comments and line ends are dealt with here and nowhere else.
#pragma once

#include <cstdint>
#include <string_view>

namespace clusterbind {

/// A word, a comma, or the end of a statement (a line end, a semicolon, the end of the text).
struct Token {
  enum Kind : uint8_t { word, comma, end };
  Kind kind = end;
  std::string_view text;
  uint32_t line = 1;    // from 1
  uint32_t column = 1;  // from 1, in bytes
};

/// Hands out the tokens of a text one by one. A control byte is reported through `bad_byte` and
/// then taken for a blank.
class Words {
 public:
  using BadByte = void (*)(void* context, uint32_t line, uint32_t column, unsigned char byte);

  Words(std::string_view text, BadByte bad_byte, void* context)
      : text_(text), bad_byte_(bad_byte), context_(context) {
    advance();
  }

  const Token& current() const { return current_; }

  /// Whether the whole text has been handed out.
  bool finished() const { return finished_; }

  void advance() {
    skip_blanks();
    current_ = {Token::end, {}, line_, column(position_)};
    if (position_ == text_.size()) {
      finished_ = ended_;
      ended_ = true;
      return;
    }
    const char c = text_[position_];
    if (c == '\n') {
      ++position_;
      ++line_;
      line_start_ = position_;
    } else if (c == ';') {
      ++position_;
    } else if (c == ',') {
      current_.kind = Token::comma;
      current_.text = {text_.data() + position_++, 1};
    } else {
      take_word();
    }
  }

 private:
  uint32_t column(size_t position) const {
    return static_cast<uint32_t>(position - line_start_) + 1;
  }

  static bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

  bool at_carriage_return() const {
    return text_[position_] == '\r' &&
           (position_ + 1 == text_.size() || text_[position_ + 1] == '\n');
  }

  /// Looks at a byte that is no word's; true where it is to be passed over.
  bool passes_as_blank() {
    const char c = text_[position_];
    if (c == '\n') return false;
    if (c == ' ' || c == '\t' || at_carriage_return()) return true;
    if (!is_control(c)) return false;
    bad_byte_(context_, line_, column(position_), static_cast<unsigned char>(c));
    return true;
  }

  void skip_blanks() {
    bool in_comment = false;
    for (; position_ < text_.size(); ++position_) {
      if (passes_as_blank()) continue;
      if (text_[position_] == '\n') return;
      if (text_[position_] == '#') in_comment = true;
      if (!in_comment) return;
    }
  }

  void take_word() {
    const size_t first = position_;
    while (position_ < text_.size() && !ends_word(text_[position_])) ++position_;
    current_.kind = Token::word;
    current_.text = {text_.data() + first, position_ - first};
  }

  static bool ends_word(char c) {
    return c == ' ' || c == ',' || c == ';' || c == '#' || is_control(c);
  }

  std::string_view text_;
  BadByte bad_byte_;
  void* context_;
  size_t position_ = 0;
  size_t line_start_ = 0;
  uint32_t line_ = 1;
  bool ended_ = false;
  bool finished_ = false;
  Token current_;
};

}  // namespace clusterbind
