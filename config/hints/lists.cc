// Commas, and what stands for them.
#include <algorithm>

#include "config/hints/kinds.h"

namespace clusterbind::hints {

Found missing_comma(const Place& place) {
  const bool wants = place.hint == Hint::element_or_clause || place.hint == Hint::commas;
  if (!wants || place.length == 0 || place.index < 1) return {};
  if (place.at_word(place.index).starts_with('-') || place.is_clause(place.index)) return {};
  Repair repair;
  size_t i = place.index;
  for (; i < place.words.size() && !place.is_clause(i) && place.at_word(i) != ","; ++i) {
    repair.insert(place.word(i - 1).end(), ",");
  }
  repair.show(place.before().at, place.word(i - 1).end());
  return repair;
}

// `bind 192.0.2.25 192.0.2.26`: alternatives.
Found sources_without_comma(const Place& place) {
  if (place.hint != Hint::source_of_each_family) return {};
  Repair repair = before("alternatives are separated by commas");
  const size_t end = place.clause_end(0);
  for (size_t i = 1; i + 1 < end; ++i) {
    if (place.at_word(i) != "," && place.at_word(i + 1) != ",") {
      repair.insert(place.word(i).end(), ",");
    }
  }
  repair.show(place.word(1).at, place.word(end - 1).end());
  return repair;
}

Found extra_comma(const Place& place) {
  size_t i = place.index;
  const bool is_wrong_comma = place.wrong() == ",";
  if (!is_wrong_comma && place.length != 0) return {};
  while (i < place.words.size() && place.at_word(i) != ",") ++i;
  if (i == place.words.size() || i > place.index + 1) return {};
  Repair repair;
  for (size_t at = 0; at < place.words.size(); ++at) {
    if (place.at_word(at) != ",") continue;
    const bool is_last = at + 1 == place.words.size() || place.is_clause(at + 1);
    const bool is_double = at + 1 < place.words.size() && place.at_word(at + 1) == ",";
    const bool is_first = at == 0 || place.is_clause(at - 1) || (is_wrong_comma && at == i);
    if (is_last || is_double || is_first) remove_words(repair, place, at, at + 1);
  }
  repair.sentence = "remove the comma";
  const size_t next = i + 1;
  if (place.at_word(next) == ",") {
    repair.sentence = "write one comma between two elements";
  } else if (place.is_clause(next)) {
    repair.sentence += " before " + std::string(place.at_word(next));
  } else if (next == place.words.size()) {
    repair.sentence = "remove the last comma, or write another element behind it";
  }
  return repair;
}

// `25 and 465`, `25 | 465`, `25/465`.
Found other_separator(const Place& place) {
  const std::string_view word = lower(place.wrong()) == "and" ? "and" : place.wrong();
  const bool stands_alone = word == "and" || word == "or" || word == "&" || word == "&&" ||
                            word == "|" || word == "+" || word == "||";
  Repair repair = before("list elements are separated by commas");
  if (stands_alone && place.index > 0) {
    const Word here = place.word(place.index);
    repair.replace(Span{place.before().end(), here.end()}, ",");
    repair.show(place.before().at, place.word(place.index + 1).end());
    repair.may_move = true;
    return repair;
  }
  const Word here = place.word(place.index);
  const bool in_list = place.hint == Hint::port || place.hint == Hint::program_name ||
                       place.hint == Hint::destination;
  const char* const marks = place.hint == Hint::port ? "|/+&:" : "|&+";
  if (!in_list || here.text.find_first_of(marks) == here.text.npos) return {};
  for (size_t i = 0; i < here.text.size(); ++i) {
    if (std::string_view(marks).find(here.text[i]) == std::string_view::npos) continue;
    repair.replace(Span{here.at + i, here.at + i + 1}, ", ");
  }
  repair.show(here.at, here.end());
  return repair;
}

Found semicolon_in_list(const Place& place) {
  if (place.hint != Hint::statement || place.index != 0 || place.begin == place.code.from) {
    return {};
  }
  const std::string_view word = place.at_word(0);
  if (word.find_first_of("0123456789.:") == word.npos) return {};
  Repair repair = before("list elements are separated by commas");
  repair.replace(Span{place.begin - 1, place.begin}, ",");
  repair.show(place.begin - 1, place.word(0).end());
  repair.sentence = "`;` ends a statement: write a comma between list elements";
  return repair;
}

Found dots(const Place& place) {
  const std::string_view word = place.wrong();
  const bool is_dots = word.find_first_not_of('.') == word.npos || word == "etc" || word == "etc.";
  if (word.empty() || !is_dots) return {};
  Repair repair = say("remove the dots");
  size_t first = place.index;
  if (first > 1 && place.at_word(first - 1) == ",") --first;
  remove_words(repair, place, first, place.index + 1);
  return repair;
}

// `port (25, 465)`, `port [25, 465]`.
Found brackets(const Place& place) {
  const std::string_view word = place.wrong();
  const bool in_round = word.find_first_of("()") != word.npos;
  const bool in_square = place.hint != Hint::destination && place.hint != Hint::address &&
                         word.find_first_of("[]") != word.npos;
  if (!in_round && !in_square && word.find_first_of("<>") == word.npos) return {};
  Repair repair = behind("without brackets");
  for (const Word& one : place.words) {
    for (size_t i = 0; i < one.text.size(); ++i) {
      const char c = one.text[i];
      if (c != '(' && c != ')' && c != '[' && c != ']' && c != '<' && c != '>') continue;
      repair.replace(Span{one.at + i, one.at + i + 1}, "");
    }
  }
  const Word here = place.word(place.index);
  repair.show(here.at, here.end());
  repair.may_move = true;
  return repair;
}

}  // namespace clusterbind::hints
