// Negations. The rule language has none: a rule above takes the exceptions.
#include <algorithm>
#include <iterator>

#include "config/hints/kinds.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

constexpr std::string_view negations[] = {"not",     "!",       "!=",        "<>",
                                          "ne",      "except",  "excepting", "but",
                                          "without", "exclude", "excluding", "unless"};

bool is_negation(std::string_view word) {
  return std::find(std::begin(negations), std::end(negations), lower(word)) != std::end(negations);
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& one : list) text += (text.empty() ? "" : ", ") + one;
  return text;
}

/// A clause with the elements that the rule does not apply to.
struct Exceptions {
  Clause clause = Clause::none;
  std::vector<std::string> out, kept;  // elements with a negation, and the others
  size_t first = 0, end = 0;           // the words to remove
};

/// The clause that an element after "except" belongs to.
Clause clause_for(std::string_view element, Clause stands_in) {
  if (stands_in == Clause::program) return stands_in;
  if (read_prefix(element).address) return Clause::to;
  return read_ports(element).low > 0 ? Clause::port : stands_in;
}

/// `except 10.0.0.0/8`, `not port 25`: all that follows, up to the next clause.
Exceptions behind_word(const Place& place) {
  Exceptions found;
  found.first = place.index;
  size_t at = place.index + 1;
  const bool is_named = place.is_clause(at);
  if (is_named) {
    found.clause = static_cast<Clause>(index_of_word(clause_words, place.at_word(at)));
    ++at;
  }
  found.end = place.clause_end(at - 1);
  for (; at < found.end; ++at) {
    if (place.at_word(at) != ",") found.out.emplace_back(place.at_word(at));
  }
  if (!is_named && !found.out.empty()) {
    found.clause = clause_for(found.out[0], place.clause_of(place.index));
  }
  if (place.is_clause(found.first - 1)) --found.first;
  return found;
}

/// `!10.0.0.0/8`: only the elements that have the mark.
Exceptions marked(const Place& place) {
  Exceptions found;
  found.clause = place.clause_of(place.index);
  found.first = place.index;
  while (found.first > 0 && !place.is_clause(found.first)) --found.first;
  found.end = place.clause_end(found.first);
  for (size_t i = found.first + 1; i < found.end; ++i) {
    const std::string_view word = place.at_word(i);
    if (word == ",") continue;
    if (word.starts_with('!')) {
      found.out.emplace_back(word.substr(1));
    } else {
      found.kept.emplace_back(word);
    }
  }
  return found;
}

/// The rule for the exceptions: the clauses of this rule, with the exceptions as the elements of
/// their clause.
std::string exempting_rule(const Place& place, const Exceptions& found) {
  const std::string own =
      " " + std::string(word_of(clause_words, found.clause)) + " " + joined(found.out);
  std::string rule = "direct";
  bool has_own = false;
  for (size_t i = 1; i < place.words.size(); ++i) {
    const int clause = index_of_word(clause_words, place.at_word(i));
    if (clause < 0 || clause > static_cast<int>(Clause::program)) continue;
    if (static_cast<Clause>(clause) == found.clause) {
      if (!has_own) rule += own;
      has_own = true;
      continue;
    }
    size_t end = place.clause_end(i);
    if (i < found.first && found.first < end) end = found.first;
    rule += " ";
    rule += place.text.substr(place.word(i).at, place.word(end - 1).end() - place.word(i).at);
  }
  return has_own ? rule : rule + own;
}

}  // namespace

// `to not 10.0.0.0/8`, `to !10.0.0.0/8`, `to any except 10.0.0.0/8 port 25`.
Found negation(const Place& place) {
  const std::string_view word = place.wrong();
  const bool is_word = is_negation(word);
  if ((!is_word && !word.starts_with('!')) || place.index == 0) return {};
  const Exceptions found = is_word ? behind_word(place) : marked(place);
  const bool is_list =
      found.clause == Clause::to || found.clause == Clause::port || found.clause == Clause::program;
  if (!is_list || found.out.empty()) return {};
  if (!place.begins_with(Statement::bind) && !place.begins_with(Statement::refuse)) {
    return say(
        "there is no negation: the first rule that matches decides, so write the exceptions above");
  }
  const std::string rule = exempting_rule(place, found);
  Repair repair = say("there is no `" + (is_word ? std::string(word) : "!") + "`: write `" + rule +
                      "` above this rule");
  repair.insert(place.word(0).at, rule + (place.begin == place.code.from ? "\n" : "; "));
  remove_words(repair, place, found.first, found.end);
  if (!found.kept.empty()) {
    repair.edits.back().text =
        " " + std::string(place.at_word(found.first)) + " " + joined(found.kept);
  }
  repair.may_move = true;
  return repair;
}

}  // namespace clusterbind::hints
