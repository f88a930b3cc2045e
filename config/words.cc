#include "config/words.h"

#include "config/text.h"

namespace clusterbind {
namespace {

/// Whether a byte ends a word. A table, because every byte of a text is looked up here.
struct WordEnds {
  constexpr WordEnds() {
    for (int c = 0; c <= 0x20; ++c) at[c] = true;
    for (const char c : {',', ';', '#', '\x7f'}) at[static_cast<unsigned char>(c)] = true;
  }
  bool at[256] = {};
};
constexpr WordEnds word_ends;

constexpr bool ends_word(char c) {
  return word_ends.at[static_cast<unsigned char>(c)];
}

/// The first letters of the clause words, as bits. Most words of a text are values, and few begin
/// with one of these.
constexpr uint32_t clause_letters = [] {
  uint32_t letters = 0;
  for (const Keyword& word : clause_words) letters |= 1U << (word[0] - 'a');
  return letters;
}();

Clause clause_of(std::string_view word) {
  const auto letter = static_cast<unsigned char>(word[0] - 'a');
  if (letter >= 26 || (clause_letters >> letter & 1) == 0) return Clause::none;
  return static_cast<Clause>(index_of(clause_words, word));
}

}  // namespace

void Words::advance() {
  skip_blanks();
  current_ = {Token::end, Clause::none, {}, line_, column(position_)};
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

bool Words::at_carriage_return() const {
  return text_[position_] == '\r' &&
         (position_ + 1 == text_.size() || text_[position_ + 1] == '\n');
}

/// Whether the byte at the position is skipped. Reports a control byte.
bool Words::passes_as_blank() {
  const char c = text_[position_];
  if (c == ' ' || c == '\t') return true;
  if (!Text::is_control(c) || c == '\n') return false;
  if (!at_carriage_return()) {
    bad_byte_(context_, line_, column(position_), static_cast<unsigned char>(c));
  }
  return true;
}

void Words::skip_blanks() {
  // The most frequent case: at most one blank, then a word, a comma or a line end.
  if (position_ < text_.size() && text_[position_] == ' ') ++position_;
  if (position_ == text_.size()) return;
  const char c = text_[position_];
  if ((c > '#' && c != '\x7f') || c == '\n') return;
  bool in_comment = false;
  for (; position_ < text_.size(); ++position_) {
    if (passes_as_blank()) continue;
    if (text_[position_] == '\n') return;
    if (text_[position_] == '#') in_comment = true;
    if (!in_comment) return;
  }
}

void Words::take_word() {
  const char* const first = text_.data() + position_;
  const char* const end = text_.data() + text_.size();
  const char* last = first;
  while (last != end && !ends_word(*last)) ++last;
  current_.kind = Token::word;
  current_.text = {first, static_cast<size_t>(last - first)};
  current_.clause = clause_of(current_.text);
  position_ += current_.text.size();
}

}  // namespace clusterbind
