// Settings, and the file as a whole.
#include <algorithm>

#include "config/hints/kinds.h"
#include "config/hints/vocabulary.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

std::string_view part(const Place& place, size_t from, size_t to) {
  return place.text.substr(from, to - from);
}

}  // namespace

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

// `debug`, `spread`: the value of a setting alone.
Found value_alone(const Place& place) {
  // `port spread`
  if (place.index == 0 && place.words.size() == 2 && lower(place.at_word(0)) == "port" &&
      index_of_word(ports_words, lower(place.at_word(1))) >= 0) {
    Repair repair;
    repair.replace(place.word(0), std::string(word_of(statement_words, Statement::ports)));
    return repair.show(place.word(0).at, place.word(1).end());
  }
  if (place.hint != Hint::statement || place.index != 0 || place.words.empty()) return {};
  const std::string word = lower(place.at_word(0));
  const std::string_view last = place.words.back().text;
  const bool has_setting = place.words.size() == 2 && (last == "ports" || last == "log");
  if (place.words.size() != 1 && !has_setting) return {};
  std::string_view setting;
  if (word == "debug" || word == "info" || word == "verbose" || word == "quiet") {
    setting = word_of(statement_words, Statement::log);
  } else if (index_of_word(ports_words, word) >= 0) {
    setting = word_of(statement_words, Statement::ports);
  }
  if (setting.empty()) return {};
  const bool is_log = setting == word_of(statement_words, Statement::log);
  const std::string value(value_meant_by(
      is_log ? std::span<const Keyword>(level_words) : std::span<const Keyword>(ports_words),
      word));
  Repair repair;
  repair.replace(Span{place.word(0).at, place.words.back().end()},
                 std::string(setting) + " " + value);
  return repair;
}

// `ports 25, 465`: those of a rule.
Found ports_of_rule(const Place& place) {
  if (place.hint != Hint::ports || read_ports(place.wrong()).low <= 0) return {};
  return say("the ports of a rule stand in it: bind 192.0.2.25 port 25; this setting is " +
             std::string("ports kernel or ports spread"));
}

// `log info, debug`, `reload on change`, `only smtp port 25`, `only smtp, port 25`.
Found rest_of_setting(const Place& place) {
  const bool is_only = place.begins_with(Statement::only);
  if (place.length == 0 || place.begins_with(Statement::bind)) return {};
  if (place.hint != Hint::one_value && (place.hint != Hint::commas || !is_only)) return {};
  size_t first = place.index;
  // The clause's word may be taken for the name of a program.
  if (is_only && first > 1 && place.is_clause(first - 1)) --first;
  if (first < 2 || (place.hint == Hint::commas && !place.is_clause(first))) return {};
  const std::string clause(part(place, place.word(first).at, place.words.back().end()));
  if (place.at_word(first - 1) == ",") --first;
  Repair repair = after("alone: a setting has no clauses");
  remove_words(repair, place, first, place.words.size());
  repair.show(place.word(0).at, place.word(first - 1).end());
  if (!is_only) return repair;
  // It belongs to the rules.
  const std::string name = clause.substr(0, clause.find(' '));
  for (Span line = next_line(place.text, place.line); line.from < place.text.size();
       line = next_line(place.text, line)) {
    const Span code = code_of(place.text, line);
    const auto words = words_of(place.text, code);
    const bool has_it =
        std::any_of(words.begin(), words.end(), [&](const Word& one) { return one.text == name; });
    if (words.empty() || has_it || words[0].text != word_of(statement_words, Statement::bind)) {
      continue;
    }
    repair.insert(code.to, " " + clause);
    repair.after = "and `" + clause + "` in the rules";
  }
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

}  // namespace clusterbind::hints
