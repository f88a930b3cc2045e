// Words of the language, as other people and other programs write them.
#include <iterator>

#include "config/hints/kinds.h"
#include "config/hints/nearest.h"
#include "config/hints/vocabulary.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

std::span<const Keyword> values_at(Hint hint) {
  switch (hint) {
    case Hint::log:
      return level_words;
    case Hint::ports:
      return ports_words;
    case Hint::reload:
      return switch_words;
    case Hint::protocol:
      return protocol_words;
    case Hint::fallback:
      return fallback_words;
    case Hint::pick:
      return pick_words;
    default:
      return {};
  }
}

std::span<const Keyword> keywords_at(size_t i) {
  return i == 0 ? std::span<const Keyword>(statement_words)
                : std::span<const Keyword>(clause_words);
}

std::string_view value_in_lower_case(std::string_view word, const std::string& name) {
  if (word == name) return {};
  for (const std::span<const Keyword> list :
       {std::span<const Keyword>(protocol_words), std::span<const Keyword>(fallback_words),
        std::span<const Keyword>(pick_words), std::span<const Keyword>(level_words),
        std::span<const Keyword>(ports_words), std::span<const Keyword>(switch_words)}) {
    const int known = index_of_word(list, name);
    if (known >= 0) return list[static_cast<size_t>(known)];
  }
  for (const PortName& one : port_names) {
    if (name == one.text) return one.text;
  }
  return {};
}

/// Where the list that a word begins ends, in bytes: the hint shows all of it.
size_t list_end(const Place& place, size_t i) {
  while (place.at_word(i + 1) == "," && i + 2 < place.words.size() && !place.is_clause(i + 2)) {
    i += 2;
  }
  return place.word(i).end();
}

}  // namespace

// `port=25`, `port: 25`, `bind = 192.0.2.25`.
Found marks_behind_words(const Place& place) {
  if (place.at_word(0) == "define" || place.at_word(0) == "set") return {};  // of a variable
  Repair repair;
  char mark = 0;
  for (size_t i = 0; i < place.words.size(); ++i) {
    const Word word = place.word(i);
    if (place.is_program(i)) continue;
    const size_t at = word.text.find_first_of(":=");
    if (at == word.text.npos) continue;
    const std::string_view meant =
        at == 0 ? std::string_view() : meant_by(i, word.text.substr(0, at));
    const size_t behind_mark = word.text.find_first_not_of(":=", at);
    if (at == 0) {
      if (word.text[0] == ':' && behind_mark != word.text.npos) continue;  // ::1
      const size_t from = i == 0 ? word.at : place.word(i - 1).end();
      const bool is_alone = behind_mark == word.text.npos;
      repair.replace(Span{from, is_alone ? word.end() : word.at + behind_mark},
                     is_alone ? "" : " ");
      // `smtp_bind_address = 192.0.2.25`
      const std::string_view before_it = i == 1 ? meant_by(0, place.at_word(0)) : "";
      if (!before_it.empty() && before_it != place.at_word(0)) {
        repair.replace(place.word(0), std::string(before_it));
      }
    } else if (!meant.empty()) {
      repair.replace(Span{word.at, word.at + std::min(behind_mark, word.text.size())},
                     std::string(meant) + (behind_mark == word.text.npos ? "" : " "));
    } else {
      continue;
    }
    if (mark == 0) {
      mark = word.text[at];
      const size_t first = at == 0 && i > 0 ? i - 1 : i;
      const bool has_value = at != 0 && behind_mark != word.text.npos;
      const size_t last = has_value || (at == 0 && behind_mark != word.text.npos) ? i : i + 1;
      repair.show(place.word(first).at, std::max(list_end(place, last), word.end()));
    }
  }
  if (repair.edits.empty()) return {};
  repair.after = mark == '=' ? "without =" : "without the colon";
  repair.may_move = true;
  repair.whole_statement = true;
  return repair;
}

Found upper_case(const Place& place) {
  Repair repair = before("words are lower case");
  for (size_t i = 0; i < place.words.size(); ++i) {
    const Word word = place.word(i);
    const std::string name = lower(word.text);
    if (name == word.text || place.is_program(i)) continue;
    const auto list = keywords_at(i);
    const int known = index_of_word(list, name);
    const std::string_view value =
        i == 0 ? std::string_view() : value_in_lower_case(word.text, name);
    if (known < 0 && value.empty()) continue;
    repair.replace(word, name);
    if (repair.shown.to == 0 || word.at == place.at) repair.show(word.at, word.end());
  }
  if (repair.edits.empty()) return {};
  repair.may_move = true;
  return repair;
}

Found other_word(const Place& place) {
  const size_t i = place.index;
  if (place.length == 0 || place.is_clause(i) || i >= place.words.size()) return {};
  const std::string_view meant = meant_by(i, place.at_word(i));
  if (meant.empty() || meant == place.at_word(i)) return {};
  if (i == 0 && place.at_word(1).starts_with('-')) return {};  // `set -e`
  if (i > 0 && place.hint != Hint::clause && place.hint != Hint::element_or_clause) return {};
  Repair repair = after("in place of " + std::string(place.at_word(i)));
  repair.replace(place.word(i), std::string(meant));
  repair.show(place.word(i).at, i == 0 ? place.words.back().end() : list_end(place, i + 1));
  repair.whole_statement = true;
  repair.may_move = true;
  return repair;
}

Found glued_word(const Place& place) {
  const Word word = place.word(place.index);
  // `192.0.2.25to any`
  for (const Keyword& keyword : clause_words) {
    const std::string_view name = keyword;
    if (word.text.size() <= name.size() || !word.text.ends_with(name)) continue;
    const std::string_view value = word.text.substr(0, word.text.size() - name.size());
    if (!read_prefix(value).address && !is_number(value) && value != any_word) continue;
    Repair repair = after("with a blank");
    repair.insert(word.end() - name.size(), " ").show(word.at, word.end());
    repair.may_move = true;
    return repair;
  }
  const auto list = keywords_at(place.index);
  for (const Keyword& keyword : list) {
    const std::string_view name = keyword;
    if (word.text.size() <= name.size() || !word.text.starts_with(name)) continue;
    std::string_view rest = word.text.substr(name.size());
    if (rest.size() > 1 && (rest[0] == '-' || rest[0] == '_')) rest.remove_prefix(1);
    const bool is_value = is_digit(rest[0]) || rest.find_first_of(".:/") != rest.npos ||
                          rest == "any" || rest == "refuse" || rest == "direct" ||
                          read_ports(rest).low > 0 || rest == "tcp" || rest == "udp" ||
                          index_of_word(level_words, rest) >= 0;
    if (!is_value) continue;
    Repair repair = after("with a blank");
    repair.replace(Span{word.at + name.size(), word.end() - rest.size()}, " ");
    return repair.show(word.at, word.end());
  }
  return {};
}

Found misspelt(const Place& place) {
  const Word word = place.word(place.index);
  if (place.length == 0 || word.text.empty() || place.is_clause(place.index)) return {};
  std::string_view best;
  size_t least = 3;
  const auto consider = [&](std::string_view name) {
    const size_t away = is_near(word.text, name) ? distance(word.text, name) : 3;
    if (away < least) {
      least = away;
      best = name;
    }
  };
  const auto expected = values_at(place.hint);
  if (!expected.empty()) {
    for (const Keyword& one : expected) consider(one);
  } else if (place.hint == Hint::port) {
    for (const PortName& one : port_names) consider(one.text);
  } else if (place.hint == Hint::statement || place.hint == Hint::clause ||
             place.hint == Hint::element_or_clause) {
    for (const Keyword& one : keywords_at(place.index)) {
      const bool is_port = one == word_of(clause_words, Clause::port);
      if (!is_port || read_ports(place.at_word(place.index + 1)).low > 0) consider(one);
    }
  } else if (place.hint == Hint::destination) {
    consider(any_word);
  }
  if (best.empty()) return {};
  Repair repair = say("did you mean " + std::string(best) + "?");
  repair.replace(word, std::string(best));
  repair.may_move = true;
  return repair;
}

Found other_value(const Place& place) {
  const auto expected = values_at(place.hint);
  if (expected.empty() || place.length == 0) return {};
  // `log level debug`
  if (index_of_word(expected, place.at_word(place.index + 1)) >= 0) {
    Repair repair = after("without " + std::string(place.wrong()));
    remove_words(repair, place, place.index, place.index + 1);
    return repair.show(place.before().at, place.word(place.index + 1).end());
  }
  // `proto smtp`
  const bool is_port = place.hint == Hint::protocol && read_ports(place.wrong()).low > 0 &&
                       place.find_clause(Clause::port) == place.words.size();
  const std::string_view meant = value_meant_by(expected, place.wrong());
  if (meant.empty() && !is_port) return {};
  const Word word = place.word(place.index);
  Repair repair = after("in place of " + std::string(is_port ? place.before().text : word.text));
  if (is_port) {
    repair.replace(place.before(), std::string(word_of(clause_words, Clause::port)));
  } else {
    repair.replace(word, std::string(meant));
  }
  return repair.show(place.before().at, word.end());
}

}  // namespace clusterbind::hints
