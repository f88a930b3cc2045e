// What does not stay in its line: a statement is one line.
#include <algorithm>

#include "config/hints/kinds.h"
#include "config/hints/vocabulary.h"

namespace clusterbind::hints {
namespace {

constexpr size_t lines_most = 50;

std::string_view part(std::string_view text, Span span) {
  return text.substr(span.from, span.to - span.from);
}

std::string_view first_word(std::string_view text, Span line) {
  const auto words = words_of(text, code_of(text, line));
  return words.empty() ? std::string_view() : words.front().text;
}

bool goes_on(std::string_view text, Span line) {
  const std::string_view word = first_word(text, line);
  const std::string_view name = word.substr(0, word.find_first_of(":="));
  return word == "," || index_of_word(clause_words, name) >= 0;
}

bool is_statement(std::string_view text, Span line) {
  return index_of_word(statement_words, first_word(text, line)) >= 0;
}

/// The line above that is neither blank nor a comment; an empty span where there is none.
Span line_above(std::string_view text, Span line) {
  while (line.from > 0) {
    line = line_around(text, line.from - 1);
    if (!first_word(text, line).empty()) return line;
  }
  return {};
}

std::string_view without_backslash(std::string_view code) {
  while (code.ends_with('\\') || code.ends_with(' ') || code.ends_with('\t')) {
    code.remove_suffix(1);
  }
  return code;
}

std::string_view without_indent(std::string_view code) {
  const size_t first = code.find_first_not_of(" \t");
  return code.substr(std::min(first, code.size()));
}

/// Moves lines from `line` on after the code of the line above, as long as they go on.
/// `wanted`: how many lines go on in any case.
void join(Repair& repair, std::string_view text, Span above, Span line, size_t wanted) {
  const Span code = code_of(text, above);
  const std::string_view first = without_backslash(part(text, code));
  std::string joined;
  bool unfinished = part(text, code).ends_with('\\') || first.ends_with(',');
  for (size_t i = 0; i < lines_most && line.from < text.size(); ++i) {
    const std::string_view whole = part(text, code_of(text, line));
    const bool is_blank = without_indent(whole).empty();
    if (!is_blank && i >= wanted && !unfinished && !goes_on(text, line)) break;
    if (is_blank && !unfinished) break;
    const std::string_view more = without_indent(without_backslash(whole));
    if (!is_blank) {
      if (!more.starts_with(',')) joined += ' ';
      joined += more;
      remove_line(repair, text, line);
      unfinished = whole.ends_with('\\') || more.ends_with(',');
    }
    line = next_line(text, line);
  }
  const size_t end = code.from + first.size();
  repair.replace(Span{end, code.to}, joined);
  repair.show(code.from, code.to);
  repair.may_move = true;
}

/// Removes a pair of braces. Between the words of a set that has no commas commas are put.
void take_braces_away(Repair& repair, std::string_view text, size_t open, size_t close) {
  repair.replace(Span{open, open + 1}, "").replace(Span{close, close + 1}, "");
  const std::string_view inside = text.substr(open + 1, close - open - 1);
  const auto words = words_of(text, {open + 1, close});
  const bool is_set = inside.find_first_of(",;\n") == inside.npos &&
                      std::none_of(words.begin(), words.end(), [](const Word& one) {
                        return index_of_word(clause_words, one.text) >= 0;
                      });
  if (is_set) {
    for (size_t i = 0; i + 1 < words.size(); ++i) repair.insert(words[i].end(), ",");
  }
  for (size_t i = open + 1; i < close; ++i) {
    if (text[i] == '\n' || text[i] == ';') repair.replace(Span{i, i + 1}, " ");
  }
}

}  // namespace

Found continuation(const Place& place) {
  const std::string_view code = part(place.text, place.code);
  if (!code.ends_with('\\')) return {};
  Repair repair = before("a rule is one line: join the lines");
  join(repair, place.text, place.line, next_line(place.text, place.line), 1);
  return repair;
}

Found following_line(const Place& place) {
  if (place.index != 0 || place.begin != place.code.from || !goes_on(place.text, place.line)) {
    return {};
  }
  // A rule whose order is wrong has its action further back.
  for (const Word& word : place.words) {
    if (index_of_word(statement_words, word.text) >= 0) return {};
  }
  const Span above = line_above(place.text, place.line);
  if (above.to == 0 || !is_statement(place.text, above)) return {};
  Repair repair = before("a rule is one line: add this to the line above");
  join(repair, place.text, above, place.line, 1);
  return repair;
}

Found unfinished_list(const Place& place) {
  const bool at_end = place.end == place.code.to && !place.words.empty() &&
                      place.words.back().text == "," && place.index + 1 >= place.words.size();
  if (!at_end) return {};
  const Span next = next_line(place.text, place.line);
  if (first_word(place.text, next).empty() || is_statement(place.text, next)) return {};
  Repair repair = before("a rule is one line: join the lines");
  join(repair, place.text, place.line, next, 1);
  return repair;
}

// `bind ADDRESS { to any; port 25; }`, on one line or on several, and sets such as { 25, 465 }.
Found braces(const Place& place) {
  const std::string_view code = part(place.text, place.code);
  const size_t open = code.find('{');
  // A definition, or a block of another program, is another mistake.
  if (is_one_of(place.at_word(0), {"table", "define", "chain"})) return {};
  if (open == code.npos) {
    const bool is_alone =
        !place.words.empty() && place.at_word(0).find_first_not_of('}') == std::string_view::npos;
    if (place.index != 0 || !is_alone) return {};
    Repair repair = say("no braces: remove the line");
    remove_statement(repair, place);
    repair.is_foreign = true;
    return repair;
  }
  const size_t from = place.code.from + open;
  const size_t close = place.text.find('}', from);
  // `192.0.2.{25,26}`, as shells have it
  const Word word = place.word(place.index);
  if (word.at < from && from < word.end() && close < place.line.to) {
    const std::string head(place.text.substr(word.at, from - word.at));
    std::string list;
    for (const Word& one : words_of(place.text, {from + 1, close})) {
      if (one.text != ",") list += (list.empty() ? "" : ", ") + head + std::string(one.text);
    }
    Repair repair = after("without braces");
    repair.replace(Span{word.at, close + 1}, list);
    return repair;
  }
  if (close == place.text.npos) {
    Repair repair = after("without the brace");
    repair.replace(Span{from, from + 1}, "");
    repair.may_move = true;
    return repair;
  }
  const std::string_view inside = place.text.substr(from + 1, close - from - 1);
  if (inside.find('#') != inside.npos) return say("no braces: a rule is one line");
  const auto words = words_of(place.text, {from + 1, close});
  const bool has_rules = std::any_of(words.begin(), words.end(), [](const Word& one) {
    return one.text == word_of(statement_words, Statement::bind);
  });
  if (has_rules) {
    Repair repair = say("no braces: remove the words before them, and the braces");
    repair.replace(Span{place.code.from, from + 1}, "").replace(Span{close, close + 1}, "");
    repair.may_move = true;
    return repair;
  }
  if (place.hint == Hint::statement && meant_by(0, place.at_word(0)).empty()) return {};
  Repair repair = before("no braces, a rule is one line");
  take_braces_away(repair, place.text, from, close);
  // Sets of the same line.
  size_t end = close;
  while (end < place.line.to) {
    const size_t next = place.text.find('{', end);
    const size_t next_close = place.text.find('}', next);
    if (next >= place.line.to || next_close >= place.line.to) break;
    take_braces_away(repair, place.text, next, next_close);
    end = next_close;
  }
  if (place.text.substr(end + 1).starts_with(';')) {
    repair.replace(Span{end + 1, end + 2}, "");
  }
  repair.show(place.code.from, std::max(end + 1, place.code.to));
  repair.may_move = true;
  return repair;
}

}  // namespace clusterbind::hints
