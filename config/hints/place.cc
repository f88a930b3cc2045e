#include "config/hints/place.h"

#include <algorithm>

namespace clusterbind::hints {
namespace {

bool is_blank(char c) {
  return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
}

}  // namespace

Place::Place(std::string_view rule_text, const Error& error)
    : text(rule_text), hint(error.hint), length(error.length) {
  size_t first = 0;
  for (uint32_t number = 1; number < error.line; ++number) {
    const size_t line_end = text.find('\n', first);
    first = line_end == std::string_view::npos ? text.size() : line_end + 1;
  }
  line = line_around(text, first);
  code = code_of(text, line);
  at = std::min(first + (error.column == 0 ? 0 : error.column - 1), text.size());
  begin = code.from;
  end = std::min(text.find(';', begin), code.to);
  while (end < at && end < code.to) {
    begin = end + 1;
    end = std::min(text.find(';', begin), code.to);
  }
  words = words_of(text, {begin, end});
  index = static_cast<size_t>(
      std::find_if(words.begin(), words.end(), [&](const Word& one) { return one.end() > at; }) -
      words.begin());
}

Clause Place::clause_of(size_t i) const {
  while (i-- > 0) {
    const int found = index_of_word(clause_words, at_word(i));
    if (found >= 0) return static_cast<Clause>(found);
  }
  return Clause::none;
}

size_t Place::find_clause(Clause clause) const {
  const auto found = std::find_if(words.begin(), words.end(), [&](const Word& one) {
    return one.text == word_of(clause_words, clause);
  });
  return static_cast<size_t>(found - words.begin());
}

size_t Place::clause_end(size_t i) const {
  do {
    ++i;
  } while (i < words.size() && !is_clause(i));
  return std::min(i, words.size());
}

bool Place::is_element(size_t i) const {
  return i > 0 && (at_word(i - 1) == "," || is_clause(i - 1) ||
                   (i == 1 && (begins_with(Statement::only) || begins_with(Statement::bind))));
}

bool Place::is_program(size_t i) const {
  return is_element(i) &&
         (clause_of(i) == Clause::program || (begins_with(Statement::only) && i > 0));
}

std::unique_ptr<Errors> errors_in(std::string_view text) {
  ParsedRules parsed;
  auto errors = std::make_unique<Errors>();
  parse(text, parsed, *errors);
  return errors;
}

Span line_around(std::string_view text, size_t at) {
  const size_t from = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const size_t to = text.find('\n', std::min(at, text.size()));
  return {from == std::string_view::npos ? 0 : from + 1, std::min(to, text.size())};
}

Span code_of(std::string_view text, Span line) {
  size_t to = std::min(text.find('#', line.from), line.to);
  while (to > line.from && is_blank(text[to - 1])) --to;
  return {line.from, to};
}

std::vector<Word> words_of(std::string_view text, Span part) {
  std::vector<Word> words;
  for (size_t at = part.from; at < part.to;) {
    if (is_blank(text[at]) || text[at] == ';') {
      ++at;
      continue;
    }
    size_t to = at;
    if (text[at] == ',') {
      ++to;
    } else {
      while (to < part.to && !is_blank(text[to]) && text[to] != ',' && text[to] != ';') ++to;
    }
    words.push_back({at, text.substr(at, to - at)});
    at = to;
  }
  return words;
}

Span next_line(std::string_view text, Span line) {
  return line.to >= text.size() ? Span{text.size(), text.size()} : line_around(text, line.to + 1);
}

std::string lower(std::string_view word) {
  std::string result(word);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_number(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), is_digit);
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace clusterbind::hints
