// The order of a statement, and what is missing in it or there twice.
#include <algorithm>
#include <iterator>

#include "config/hints/kinds.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

bool is_action(std::string_view word) {
  return Place::index_of_word(std::span(statement_words).first(3), lower(word)) >= 0;
}

std::string_view part(const Place& place, size_t from, size_t to) {
  return place.text.substr(from, to - from);
}

bool is_destination(std::string_view word) {
  return word == any_word || word.find_first_of(".:/") != word.npos;
}

}  // namespace

// `default bind`, `- bind`, `1. bind`, `add rule bind`.
Found noise(const Place& place) {
  if (place.hint != Hint::statement || place.index != 0) return {};
  for (size_t i = 1; i < std::min<size_t>(place.words.size(), 4); ++i) {
    if (place.is_clause(i - 1) || is_destination(place.at_word(i - 1).substr(0, 1))) return {};
    if (place.at_word(i - 1).find('/') != std::string_view::npos) return {};
    if (Place::index_of_word(statement_words, place.at_word(i)) < 0) continue;
    Repair repair;
    repair.replace(Span{place.word(0).at, place.word(i).at}, "");
    repair.show(place.word(i).at, place.words.back().end());
    const bool is_default = place.at_word(0) == "default";
    repair.behind =
        is_default
            ? "as the last rule"
            : "without " + std::string(part(place, place.word(0).at, place.word(i - 1).end()));
    repair.whole_statement = true;
    return repair;
  }
  return {};
}

// `to any port 25 bind 192.0.2.25`, `10.0.0.0/8 direct`.
Found order(const Place& place) {
  if (place.index != 0 || place.words.size() < 2) return {};
  size_t action = 1;
  while (action < place.words.size() && !is_action(place.at_word(action))) ++action;
  if (action == place.words.size() ||
      place.at_word(action - 1) == word_of(clause_words, Clause::otherwise)) {
    return {};
  }
  const size_t end = place.clause_end(action);
  std::string statement(part(place, place.word(action).at, place.word(end - 1).end()));
  statement += is_destination(place.at_word(0)) ? " to " : " ";
  statement += part(place, place.word(0).at, place.word(action - 1).end());
  if (end < place.words.size()) {
    statement += " ";
    statement += part(place, place.word(end).at, place.words.back().end());
  }
  Repair repair = rewrite(place, "the action comes first", statement);
  repair.whole_statement = true;
  repair.may_move = true;
  return repair;
}

// `192.0.2.25 to any port 25`.
Found source_first(const Place& place) {
  if (place.hint != Hint::statement || place.index != 0 || !read_address(place.at_word(0))) {
    return {};
  }
  Repair repair = before("a rule begins with bind, direct or refuse");
  repair.insert(place.word(0).at, "bind ");
  repair.show(place.word(0).at, place.words.back().end());
  repair.may_move = true;
  return repair;
}

// `bind 192.0.2.25 any`, `to any 25`, `to any tcp`, `... refuse`: the clause's word is missing.
Found missing_word(const Place& place) {
  const bool wants_clause = place.hint == Hint::clause || place.hint == Hint::element_or_clause ||
                            place.hint == Hint::address;
  if (!wants_clause || place.length == 0 || place.is_clause(place.index)) return {};
  const Word word = place.word(place.index);
  Clause clause = Clause::none;
  if (word.text == "tcp" || word.text == "udp") {
    clause = Clause::proto;
  } else if (word.text == "refuse" || word.text == "direct") {
    clause = Clause::otherwise;
  } else if (read_ports(word.text).low > 0) {
    clause = Clause::port;
  } else if (is_destination(word.text)) {
    clause = Clause::to;
  }
  if (clause == Clause::none || place.find_clause(clause) < place.words.size()) return {};
  const std::string name(word_of(clause_words, clause));
  Repair repair;
  repair.insert(word.at, name + " ").show(word.at, word.end());
  return repair;
}

Found arrow(const Place& place) {
  const std::string_view word = place.wrong();
  if ((word != "->" && word != "=>" && word != ">") ||
      place.find_clause(Clause::to) < place.words.size()) {
    return {};
  }
  Repair repair;
  repair.replace(place.word(place.index), "to");
  repair.show(place.word(place.index).at, place.word(place.index + 1).end());
  return repair;
}

// `port 25 port 465`.
Found repeated_clause(const Place& place) {
  if (place.hint != Hint::once || place.index == 0 || !place.is_clause(place.index)) return {};
  const Word word = place.word(place.index);
  size_t first = 0;
  while (place.at_word(first) != word.text) ++first;
  const size_t first_end = place.clause_end(first);
  const size_t end = place.clause_end(place.index);
  const auto clause = static_cast<Clause>(Place::index_of_word(clause_words, word.text));
  const bool is_list = clause == Clause::to || clause == Clause::port || clause == Clause::program;
  if (first == place.index || end <= place.index) return {};
  Repair repair = behind("once");
  remove_words(repair, place, place.index, end);
  if (is_list && end > place.index + 1) {
    const std::string more(part(place, place.word(place.index + 1).at, place.word(end - 1).end()));
    const size_t at = place.word(first_end - 1).end();
    if (first_end == place.index) {
      repair.edits.clear();
      repair.replace(Span{at, word.end()}, ",");
      repair.show(place.word(first).at, place.word(end - 1).end());
      repair.behind.clear();
      return repair;
    }
    repair.insert(at, ", " + more);
  }
  repair.show(place.word(first).at, place.word(first_end - 1).end());
  return repair;
}

Found repeated_setting(const Place& place) {
  if (place.hint != Hint::once || place.index != 0) return {};
  Repair repair = say("write " + std::string(place.at_word(0)) + " once: remove this one");
  remove_statement(repair, place);
  repair.is_sure = true;
  if (!place.begins_with(Statement::only) || place.words.size() < 2) return repair;
  for (Span line = line_around(place.text, 0); line.from < place.line.from;
       line = next_line(place.text, line)) {
    const Span code = code_of(place.text, line);
    const auto words = words_of(place.text, code);
    if (words.empty()) continue;
    if (words[0].text != place.at_word(0)) break;
    const std::string more =
        ", " + std::string(part(place, place.word(1).at, place.words.back().end()));
    repair.insert(words.back().end(), more);
    repair.sentence =
        "write `" + std::string(part(place, words[0].at, words.back().end())) + more + "` once";
    break;
  }
  return repair;
}

// `log info, debug`, `reload on change`, `only smtp port 25`.
Found rest_of_setting(const Place& place) {
  const bool is_rest =
      place.hint == Hint::one_value || (place.hint == Hint::commas && place.is_clause(place.index));
  if (!is_rest || place.length == 0 || place.index < 2 || place.begins_with(Statement::bind)) {
    return {};
  }
  Repair repair = behind("alone: a setting has no clauses");
  remove_words(repair, place, place.index, place.words.size());
  repair.show(place.word(0).at, place.word(place.index - 1).end());
  return repair;
}

Found only_first(const Place& place) {
  if (place.hint != Hint::above_all_others) return {};
  Repair repair = say("move this above all other statements");
  remove_statement(repair, place);
  repair.insert(0, std::string(part(place, place.word(0).at, place.words.back().end())) + "\n");
  repair.is_sure = true;
  return repair;
}

Found without_a_rule(const Place& place) {
  if (place.hint != Hint::a_rule) return {};
  Repair repair = say("write 'direct' if nothing is to be bound");
  repair.insert(place.text.size(), "\ndirect\n");
  repair.is_sure = true;
  return repair;
}

Found bind_only(const Place& place) {
  if (place.hint != Hint::bind_rule) return {};
  Repair repair = say("remove it, or make this a bind rule");
  remove_words(repair, place, place.index, place.clause_end(place.index));
  return repair;
}

// `else bind 192.0.2.26`: an alternative.
Found second_source(const Place& place) {
  if (place.hint != Hint::fallback || place.length == 0) return {};
  const size_t i = place.index + (place.wrong() == "bind" ? 1 : 0);
  if (!read_address(place.at_word(i)) || !place.begins_with(Statement::bind)) return {};
  Repair repair;
  const size_t end = place.clause_end(0);
  const Word last = place.word(end - 1);
  for (size_t at = 1; at + 1 < end; ++at) {
    if (place.at_word(at) != "," && place.at_word(at + 1) != ",") {
      repair.insert(place.word(at).end(), ",");
    }
  }
  repair.insert(last.end(), ", " + std::string(place.at_word(i)));
  remove_words(repair, place, place.index - 1, i + 1);
  repair.sentence = "write `else refuse` or `else direct`; for a second source, `" +
                    with_edits(part(place, place.word(0).at, last.end()), {}) + ", " +
                    std::string(place.at_word(i)) + "`";
  repair.may_move = true;
  return repair;
}

}  // namespace clusterbind::hints
