// The place of an error: the statement around it, word by word.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/keywords.h"
#include "config/parse.h"

namespace clusterbind::hints {

/// The index of a word, which may be empty, in a list of keywords, or -1.
inline int index_of_word(std::span<const Keyword> list, std::string_view word) {
  return word.empty() ? -1 : index_of(list, word);
}

/// Whether a word is bind, direct or refuse.
inline bool is_action(std::string_view word) {
  return index_of_word(std::span(statement_words).first(3), word) >= 0;
}

/// A word or a comma of a statement, and where it begins in the rule text, in bytes.
struct Word {
  size_t at = 0;
  std::string_view text;

  size_t end() const { return at + text.size(); }
};

/// Bytes of a text, from the first to after the last.
struct Span {
  size_t from = 0;
  size_t to = 0;
};

/// The statement that an error lies in. Views point into the rule text.
struct Place {
  Place(std::string_view rule_text, const Error& error);

  /// A word by its index, or an empty one where there is none.
  Word word(size_t i) const { return i < words.size() ? words[i] : Word{end, {}}; }
  std::string_view at_word(size_t i) const { return word(i).text; }

  /// The word that the error is about; empty where something is missing.
  std::string_view wrong() const { return length == 0 ? std::string_view() : at_word(index); }
  Word before() const { return index == 0 ? Word{begin, {}} : word(index - 1); }

  bool is_clause(size_t i) const { return index_of_word(clause_words, at_word(i)) >= 0; }

  /// The clause that a word is an element of: the last clause word before it.
  Clause clause_of(size_t i) const;

  /// The index of a clause's word, or words.size().
  size_t find_clause(Clause clause) const;

  /// The index after the last element of the clause, or of the sources of bind, at `i`.
  size_t clause_end(size_t i) const;

  /// Whether the word stands where a list wants an element: after its keyword or a comma.
  bool is_element(size_t i) const;

  /// Whether the word names a program, in `program` or `only`.
  bool is_program(size_t i) const;

  bool begins_with(Statement statement) const {
    return at_word(0) == word_of(statement_words, statement);
  }

  std::string_view text;  // the whole rule text
  Hint hint;
  uint32_t length;   // of the wrong word
  size_t at = 0;     // of the error
  Span line;         // with the comment, without the line end
  Span code;         // of the line: without the comment
  size_t begin = 0;  // of the statement
  size_t end = 0;
  std::vector<Word> words;
  size_t index = 0;  // of the first word at the error or after it
};

/// The errors of a text.
std::unique_ptr<Errors> errors_in(std::string_view text);

/// The line that contains a byte, without its end.
Span line_around(std::string_view text, size_t at);

/// The same without the comment, and without blanks at its end.
Span code_of(std::string_view text, Span line);

/// The words of a part of a text.
std::vector<Word> words_of(std::string_view text, Span part);

/// The line after a line; empty, at the end of the text, where there is none.
Span next_line(std::string_view text, Span line);

std::string lower(std::string_view word);

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> list);

bool is_digit(char c);
bool is_number(std::string_view word);
bool is_letter(char c);

}  // namespace clusterbind::hints
