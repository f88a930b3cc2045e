// Lists: missing commas, and other separators in their place.
#include <algorithm>

#include "config/hints/kinds.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

bool is_conjunction(std::string_view word) {
  const std::string name = lower(word);
  return name == "and" || name == "or" || name == "&" || name == "&&" || name == "|" ||
         name == "+" || name == "||" || name == "plus";
}

/// The last clause of a statement; Clause::none in the sources of a bind rule, and in a setting.
Clause last_clause(const std::vector<Word>& words) {
  Clause clause = Clause::none;
  for (const Word& word : words) {
    const int found = index_of_word(clause_words, word.text);
    if (found >= 0) clause = static_cast<Clause>(found);
  }
  return clause;
}

/// Whether a word can be an element of the list that a statement ends with.
bool is_element(Clause clause, std::string_view statement, std::string_view word) {
  if (index_of_word(statement_words, word) >= 0) return false;
  const bool is_only = statement == word_of(statement_words, Statement::only);
  const bool is_bind = statement == word_of(statement_words, Statement::bind);
  switch (clause) {
    case Clause::to:
      return word == any_word || read_prefix(word).address.has_value();
    case Clause::port:
      return read_ports(word).low > 0;
    case Clause::program:
      return is_name(word);
    case Clause::none:
      return is_only ? is_name(word) : is_bind && read_address(word).has_value();
    default:
      return false;
  }
}

}  // namespace

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

// `bind 192.0.2.25 to port 25`: the value of a clause is missing.
Found missing_value(const Place& place) {
  if (place.hint != Hint::elements || place.length != 0 || place.index == 0) return {};
  const Clause clause = place.clause_of(place.index);
  const std::string name(place.before().text);
  if (place.begins_with(Statement::only) && place.index == 1) {
    return say("write the names of programs after only: only smtp, exim4");
  }
  if (clause == Clause::none || name != word_of(clause_words, clause)) return {};
  if (clause == Clause::to) {
    Repair repair = before("every destination");
    repair.insert(place.before().end(), " any");
    return repair.show(place.before().at, place.before().end());
  }
  return say("write " +
             std::string(clause == Clause::port ? "a port after port, 25 say"
                                                : "the program's name after program") +
             ", or remove " + name);
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
    repair.sentence = "remove the last comma, or write another element after it";
  }
  return repair;
}

// `25 and 465`, `25, and 465`, `25 | 465`, `25/465`.
Found other_separator(const Place& place) {
  Repair repair = before("list elements are separated by commas");
  size_t i = place.index;
  // A program may have the name `and`; then the error is reported at the word that follows.
  const bool is_name = place.length != 0 && i > 1 && is_conjunction(place.at_word(i - 1)) &&
                       place.at_word(i - 2) == ",";
  if (is_name) --i;
  const bool has_comma = i > 0 && place.at_word(i - 1) == ",";
  const bool ends = i + 1 >= place.words.size() || place.is_clause(i + 1);
  if (place.length != 0 && i > 0 && is_conjunction(place.at_word(i)) &&
      index_of_word(statement_words, place.at_word(i + 1)) >= 0) {
    // `port 25 && direct`, `port 25 or refuse`
    const bool is_or = place.at_word(i) == "or" || place.at_word(i) == "||";
    Repair both = is_or ? Repair() : before("statements are separated by ;");
    both.replace(Span{place.word(i - 1).end(), place.word(i).end()}, is_or ? " else" : ";");
    both.show(place.word(i - 1).at, place.word(i + 1).end());
    both.may_move = true;
    return both;
  }
  if (place.length != 0 && i > 0 && is_conjunction(place.at_word(i)) && !ends) {
    const size_t from = place.word(i - 1).end();
    const bool is_double = has_comma || place.at_word(i + 1) == ",";
    repair.replace(Span{from, place.word(i).end()}, is_double ? "" : ",");
    const size_t first = has_comma && i > 1 ? i - 2 : i - 1;
    repair.show(place.word(first).at, place.word(i + 1).end());
    repair.may_move = true;
    return repair;
  }
  const Word here = place.word(place.index);
  const bool in_list = place.hint == Hint::port || place.hint == Hint::program_name ||
                       place.hint == Hint::destination || place.hint == Hint::address ||
                       place.hint == Hint::prefix_length;
  const char* const marks = place.hint == Hint::port ? "|/+&:" : "|&+";
  if (!in_list || here.text.find_first_of(marks) == here.text.npos) return {};
  for (size_t at = 0; at < here.text.size(); ++at) {
    if (std::string_view(marks).find(here.text[at]) == std::string_view::npos) continue;
    repair.replace(Span{here.at + at, here.at + at + 1}, ", ");
  }
  repair.show(here.at, here.end());
  return repair;
}

// `port 25; 465; 587`, `program smtp; lmtp`.
Found semicolon_in_list(const Place& place) {
  if (place.hint != Hint::statement || place.index != 0 || place.begin == place.code.from) {
    return {};
  }
  const size_t from = place.text.rfind(';', place.begin - 2) + 1;  // npos + 1 is 0
  const auto list = words_of(place.text, {std::max(from, place.code.from), place.begin - 1});
  if (list.empty()) return {};
  const Clause clause = last_clause(list);
  if (!is_element(clause, list[0].text, place.at_word(0))) return {};
  Repair repair;
  size_t end = place.begin - 1;
  size_t shown_end = end;
  // Goes on as long as elements follow.
  while (end < place.code.to && place.text[end] == ';') {
    const size_t next = std::min(place.text.find(';', end + 1), place.code.to);
    const auto words = words_of(place.text, {end + 1, next});
    if (words.empty() || !is_element(clause, list[0].text, words[0].text)) break;
    repair.replace(Span{end, end + 1}, ",");
    shown_end = words[0].end();
    end = next;
  }
  if (repair.edits.empty()) return {};
  repair.sentence = "`;` ends a statement: write " +
                    std::string(repair.edits.size() == 1 ? "a comma" : "commas") +
                    " between list elements";
  return repair.show(list.back().at, shown_end);
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
  const bool is_list = word.starts_with('[') && word.find(']') == word.npos;
  const bool in_square =
      (is_list || (place.hint != Hint::destination && place.hint != Hint::address)) &&
      word.find_first_of("[]") != word.npos;
  // `port 25 (to partners)`
  const bool is_remark = word.starts_with('(') && place.text[place.code.to - 1] == ')' &&
                         (place.hint == Hint::clause || place.hint == Hint::element_or_clause);
  if (is_remark) {
    Repair repair = before("comments begin with #");
    repair.replace(Span{place.at, place.at + 1}, "# ");
    repair.replace(Span{place.code.to - 1, place.code.to}, "");
    repair.show(place.at, place.code.to);
    return repair;
  }
  if (word == ">" || word == "<" ||
      (!in_round && !in_square && word.find_first_of("<>") == word.npos)) {
    return {};
  }
  Repair repair = after("without brackets");
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
