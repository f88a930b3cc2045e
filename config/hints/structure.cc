// The order of a statement, and what is missing in it or there twice.
#include <algorithm>
#include <iterator>

#include "config/hints/hosts.h"
#include "config/hints/kinds.h"
#include "config/hints/vocabulary.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

/// The word itself, if it is an action of this language.
std::string_view action_of(std::string_view word) {
  return is_action(word) ? word : std::string_view();
}

/// The action that a word stands for, in this language or another; empty where it is none.
std::string_view action_meant_by(std::string_view word) {
  return action_of(meant_by(0, word));
}

std::string_view part(const Place& place, size_t from, size_t to) {
  return place.text.substr(from, to - from);
}

/// What others write for every destination.
bool means_any(std::string_view word) {
  for (const char* all : {"all", "*", "everything", "everywhere", "anywhere", "everyone", "else",
                          "rest", "world", "internet", "others", "any4", "any6", "0/0"}) {
    if (lower(word) == all) return true;
  }
  return false;
}

/// Names of networks that addresses() knows.
bool is_network_name(std::string_view word) {
  const std::string name = lower(word);
  return name == "localhost" || name == "loopback" || name == "private" || name == "rfc1918";
}

bool is_mail_program(std::string_view word) {
  for (const char* name : {"exim", "exim4", "postfix", "sendmail", "smtpd", "opensmtpd", "qmgr",
                           "mta", "qmail-remote", "msmtp", "curl", "swaks"}) {
    if (word == name) return true;
  }
  return false;
}

/// A word that says how to choose among alternatives, and nothing else.
bool is_way_to_pick(std::string_view word) {
  const std::string name = lower(word);
  return word.size() > 1 && name != any_word && name != "all" && name != "one" && name != "off" &&
         name != "fallback" && !value_meant_by(pick_words, name).empty();
}

bool is_destination(std::string_view word) {
  return word == any_word || word.find_first_of(".:/") != word.npos;
}

}  // namespace

// `default bind`, `- bind`, `1. bind`, `add rule bind`.
Found noise(const Place& place) {
  // `else refuse`, `default deny`
  const std::string first = lower(place.at_word(0));
  const bool is_last_rule = place.index == 0 && (first == "else" || first == "default" ||
                                                 first == "otherwise" || first == "finally");
  const std::string_view action = action_meant_by(place.at_word(1));
  if (is_last_rule && !action.empty()) {
    const Span rest = {place.line.to, place.text.size()};
    const std::string_view last = part(place, rest.from, rest.to);
    if (last.find_first_not_of(" \t\r\n") != last.npos && place.words.size() == 2) {
      Repair repair = say("write " + std::string(action) + " as the last rule");
      remove_statement(repair, place);
      repair.insert(rest.to, (last.ends_with('\n') ? "" : "\n") + std::string(action) + "\n");
      repair.is_sure = true;
      return repair;
    }
    Repair repair = after("as the last rule");
    repair.replace(Span{place.word(0).at, place.word(1).end()}, std::string(action));
    repair.show(place.word(0).at, place.words.back().end());
    repair.whole_statement = true;
    repair.may_move = true;
    return repair;
  }
  if (place.hint != Hint::statement || place.index != 0) return {};
  // `+bind`, `>bind`, `(bind`
  const size_t letter = place.at_word(0).find_first_not_of("+-*>|(.@$~");
  if (letter != 0 && letter != std::string_view::npos &&
      index_of_word(statement_words, place.at_word(0).substr(letter)) >= 0) {
    Repair repair = after("without the mark before it");
    repair.replace(Span{place.at, place.at + letter}, "");
    return repair;
  }
  for (size_t i = 1; i < std::min<size_t>(place.words.size(), 4); ++i) {
    if (place.is_clause(i - 1) || is_destination(place.at_word(i - 1).substr(0, 1))) return {};
    if (place.at_word(i - 1).find('/') != std::string_view::npos) return {};
    if (index_of_word(statement_words, place.at_word(i)) < 0) continue;
    Repair repair;
    repair.replace(Span{place.word(0).at, place.word(i).at}, "");
    repair.show(place.word(i).at, place.words.back().end());
    // `no bind to 10.0.0.0/8`
    if (is_one_of(first, {"no", "not", "never", "dont", "don't"}) &&
        place.at_word(i) == word_of(statement_words, Statement::bind)) {
      repair.edits.clear();
      repair.replace(Span{place.word(0).at, place.word(i).end()},
                     std::string(word_of(statement_words, Statement::direct)));
      return repair.show(place.word(0).at, place.words.back().end());
    }
    const bool is_default = place.at_word(0) == "default";
    repair.after =
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
  if (!action_meant_by(place.at_word(0)).empty()) return {};
  // Another program's line may have such a word too.
  if (place.at_word(0) == "ip" ||
      (meant_by(1, place.at_word(0)).empty() && !is_destination(place.at_word(0)))) {
    return {};
  }
  size_t action = 1;
  while (action < place.words.size() && action_meant_by(place.at_word(action)).empty()) ++action;
  if (action == place.words.size() ||
      place.at_word(action - 1) == word_of(clause_words, Clause::otherwise)) {
    return {};
  }
  const size_t end = place.clause_end(action);
  std::string statement(action_meant_by(place.at_word(action)));
  statement += part(place, place.word(action).end(), place.word(end - 1).end());
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
  if (is_local_networks(word.text)) return say(std::string(name_local_networks));
  Clause clause = Clause::none;
  if (word.text == "tcp" || word.text == "udp") {
    clause = Clause::proto;
  } else if (word.text == "refuse" || word.text == "direct") {
    clause = Clause::otherwise;
  } else if (is_way_to_pick(word.text)) {
    clause = Clause::pick;
  } else if (read_ports(word.text).low > 0) {
    clause = Clause::port;
  } else if (is_destination(word.text) || means_any(word.text) || is_network_name(word.text)) {
    clause = Clause::to;
  } else if (is_mail_program(word.text)) {
    clause = Clause::program;
  }
  if (clause == Clause::none || place.find_clause(clause) < place.words.size()) return {};
  const std::string name(word_of(clause_words, clause));
  Repair repair;
  repair.insert(word.at, name + " ").show(word.at, word.end());
  if (clause == Clause::to && means_any(word.text)) {
    // `everything else`
    const bool is_else =
        place.index + 2 == place.words.size() && means_any(place.words.back().text);
    repair.edits.clear();
    repair.replace(Span{word.at, is_else ? place.words.back().end() : word.end()},
                   name + " " + std::string(any_word));
    repair.shown = {};
  }
  repair.whole_statement = is_network_name(word.text);
  if (clause == Clause::pick) {
    repair.edits.clear();
    repair.replace(word, name + " " + std::string(value_meant_by(pick_words, word.text)));
  }
  return repair;
}

// `to 25`, `to 198.51.100.7, 25`: a port among destinations.
Found port_in_destinations(const Place& place) {
  const bool is_port = place.hint == Hint::destination && place.length != 0 &&
                       read_ports(place.wrong()).low > 0 && place.index > 1;
  if (!is_port || place.find_clause(Clause::port) < place.words.size()) return {};
  const std::string name(word_of(clause_words, Clause::port));
  const Word word = place.word(place.index);
  const bool is_first = place.is_clause(place.index - 1);
  Repair repair = is_first ? after("in place of " + std::string(place.before().text)) : Repair();
  repair.replace(Span{is_first ? place.before().at : place.word(place.index - 2).end(), word.at},
                 (is_first ? "" : " ") + name + " ");
  return repair.show(place.word(place.index - (is_first ? 1 : 2)).at, word.end());
}

// `bind to 192.0.2.25`: other programs bind "to" a source address.
Found bind_to_source(const Place& place) {
  if (place.hint != Hint::sources || !place.begins_with(Statement::bind)) return {};
  // `bind to any port 25 from 192.0.2.25`
  for (size_t i = 1; i + 1 < place.words.size(); ++i) {
    const bool is_source = meant_by(0, place.at_word(i)) == place.at_word(0) ||
                           lower(place.at_word(i)) == "as" || lower(place.at_word(i)) == "with";
    if (!is_source || !read_address(place.at_word(i + 1))) continue;
    Repair repair = before("the source address follows bind");
    repair.insert(place.word(0).end(), " " + std::string(place.at_word(i + 1)));
    remove_words(repair, place, i, i + 2);
    repair.show(place.word(0).at, place.words.back().end());
    repair.may_move = true;
    return repair;
  }
  const bool is_to = place.at_word(1) == word_of(clause_words, Clause::to);
  if (!is_to || !read_address(place.at_word(2))) return {};
  Repair repair = before("the source address follows bind, `to` is for the destination");
  remove_words(repair, place, 1, 2);
  repair.show(place.word(0).at, place.word(2).end());
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

// `pick random first`, `else refuse direct`.
Found second_value(const Place& place) {
  if (place.hint != Hint::clause || place.length == 0 || place.index < 2) return {};
  const int clause = index_of_word(clause_words, place.at_word(place.index - 2));
  const bool has_one_value = clause == static_cast<int>(Clause::pick) ||
                             clause == static_cast<int>(Clause::proto) ||
                             clause == static_cast<int>(Clause::otherwise);
  if (!has_one_value) return {};
  Repair repair = after("with one value");
  remove_words(repair, place, place.index, place.clause_end(place.index));
  return repair.show(place.word(place.index - 2).at, place.before().end());
}

// `port 25 port 465`.
Found repeated_clause(const Place& place) {
  if (place.hint != Hint::once || place.index == 0 || !place.is_clause(place.index)) return {};
  const Word word = place.word(place.index);
  size_t first = 0;
  while (place.at_word(first) != word.text) ++first;
  const size_t first_end = place.clause_end(first);
  const size_t end = place.clause_end(place.index);
  const auto clause = static_cast<Clause>(index_of_word(clause_words, word.text));
  const bool is_list = clause == Clause::to || clause == Clause::port || clause == Clause::program;
  if (first == place.index || end <= place.index) return {};
  const bool is_choice = !is_list && end > place.index + 1 &&
                         place.at_word(first + 1) != place.at_word(place.index + 1);
  Repair repair = after(is_choice ? "and not the other, or the other alone" : "once");
  remove_words(repair, place, place.index, end);
  if (is_list && end > place.index + 1) {
    const std::string more(part(place, place.word(place.index + 1).at, place.word(end - 1).end()));
    const size_t at = place.word(first_end - 1).end();
    if (first_end == place.index) {
      repair.edits.clear();
      repair.replace(Span{at, word.end()}, ",");
      repair.show(place.word(first).at, place.word(end - 1).end());
      repair.after.clear();
      return repair;
    }
    repair.insert(at, ", " + more);
  }
  repair.show(place.word(first).at, place.word(first_end - 1).end());
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
  size_t behind_last = i + 1;
  while (place.at_word(behind_last) == "," && read_address(place.at_word(behind_last + 1))) {
    behind_last += 2;
  }
  const std::string more(part(place, place.word(i).at, place.word(behind_last - 1).end()));
  Repair repair;
  const size_t end = place.clause_end(0);
  const Word last = place.word(end - 1);
  for (size_t at = 1; at + 1 < end; ++at) {
    if (place.at_word(at) != "," && place.at_word(at + 1) != ",") {
      repair.insert(place.word(at).end(), ",");
    }
  }
  repair.insert(last.end(), ", " + more);
  remove_words(repair, place, place.index - 1, behind_last);
  repair.sentence = "write `else refuse` or `else direct`; for a second source, `" +
                    with_edits(part(place, place.word(0).at, last.end()), {}) + ", " + more + "`";
  repair.may_move = true;
  return repair;
}

// `only smtp bind 192.0.2.25`, `bind 192.0.2.25 port 25 bind 2001:db8::25 port 25`.
Found second_statement(const Place& place) {
  if (place.length == 0 || place.index == 0 || action_of(place.wrong()).empty()) return {};
  if (place.hint != Hint::clause && place.hint != Hint::element_or_clause &&
      place.hint != Hint::commas && place.hint != Hint::one_value) {
    return {};
  }
  // `... refuse` is a fallback.
  const bool is_bind = place.wrong() == word_of(statement_words, Statement::bind);
  if (!is_bind && place.begins_with(Statement::bind) && !place.is_clause(place.index + 1)) {
    return {};
  }
  Repair repair = before("statements are separated by ;");
  repair.insert(place.before().end(), ";");
  return repair.show(place.before().at, place.word(place.index).end());
}

}  // namespace clusterbind::hints
