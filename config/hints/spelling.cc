// Words of the language, as other people and other programs write them.
#include <iterator>

#include "config/hints/kinds.h"
#include "config/hints/nearest.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

/// What others write, and the word of the language.
struct Other {
  std::string_view word, meant;
};

constexpr Other statements[] = {
    {"pass", "direct"},       {"accept", "direct"},     {"allow", "direct"},
    {"permit", "direct"},     {"bypass", "direct"},     {"except", "direct"},
    {"exclude", "direct"},    {"ignore", "direct"},     {"skip", "direct"},
    {"return", "direct"},     {"reject", "refuse"},     {"drop", "refuse"},
    {"deny", "refuse"},       {"block", "refuse"},      {"forbid", "refuse"},
    {"snat", "bind"},         {"use", "bind"},          {"source", "bind"},
    {"from", "bind"},         {"src", "bind"},          {"nat", "bind"},
    {"bind-address", "bind"}, {"bind_address", "bind"}, {"smtp_bind_address", "bind"},
    {"set", "bind"},          {"loglevel", "log"},      {"log-level", "log"},
    {"log_level", "log"},     {"logging", "log"},       {"verbosity", "log"},
    {"interface", "bind"},    {"programs", "only"},     {"autoreload", "reload"}};

constexpr Other clauses[] = {
    {"destination", "to"},   {"dest", "to"},           {"dst", "to"},
    {"daddr", "to"},         {"towards", "to"},        {"for", "to"},
    {"via", "to"},           {"into", "to"},           {"net", "to"},
    {"ports", "port"},       {"dport", "port"},        {"dports", "port"},
    {"service", "port"},     {"on", "port"},           {"protocol", "proto"},
    {"with", "proto"},       {"over", "proto"},        {"prog", "program"},
    {"programs", "program"}, {"process", "program"},   {"app", "program"},
    {"exe", "program"},      {"command", "program"},   {"by", "program"},
    {"binary", "program"},   {"otherwise", "else"},    {"fallback", "else"},
    {"force", "override"},   {"overwrite", "override"}};

constexpr Other values[] = {
    {"fail", "refuse"},    {"reject", "refuse"},   {"drop", "refuse"},   {"deny", "refuse"},
    {"error", "refuse"},   {"block", "refuse"},    {"defer", "refuse"},  {"stop", "refuse"},
    {"pass", "direct"},    {"allow", "direct"},    {"accept", "direct"}, {"node", "direct"},
    {"default", "direct"}, {"continue", "direct"}, {"ignore", "direct"}, {"any", "direct"},
    {"none", "refuse"},    {"6", "tcp"},           {"17", "udp"},        {"tcp6", "tcp"},
    {"tcp4", "tcp"},       {"mptcp", "tcp"},       {"esmtp", "tcp"},     {"udp6", "udp"},
    {"both", "any"},       {"all", "any"},         {"ip", "any"},        {"*", "any"},
    {"tcp/udp", "any"},    {"tcp+udp", "any"},     {"true", "on"},       {"yes", "on"},
    {"1", "on"},           {"enable", "on"},       {"enabled", "on"},    {"auto", "on"},
    {"false", "off"},      {"no", "off"},          {"0", "off"},         {"disable", "off"},
    {"disabled", "off"},   {"never", "off"},       {"warn", "error"},    {"warning", "error"},
    {"err", "error"},      {"notice", "info"},     {"verbose", "debug"}, {"all", "debug"},
    {"trace", "debug"},    {"none", "off"},        {"quiet", "off"},     {"on", "info"},
    {"random", "spread"},  {"wide", "spread"},     {"fast", "spread"},   {"default", "kernel"},
    {"normal", "kernel"},  {"off", "kernel"},      {"system", "kernel"}, {"on", "spread"},
    {"rand", "random"},    {"any", "random"},      {"order", "first"}};

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
    default:
      return {};
  }
}

std::span<const Keyword> keywords_at(size_t i) {
  return i == 0 ? std::span<const Keyword>(statement_words)
                : std::span<const Keyword>(clause_words);
}

std::string_view meant_by(size_t i, std::string_view word) {
  const std::string name = lower(word);
  const auto list = keywords_at(i);
  const int known = Place::index_of_word(list, name);
  if (known >= 0) return list[static_cast<size_t>(known)];
  for (const Other& one :
       i == 0 ? std::span<const Other>(statements) : std::span<const Other>(clauses)) {
    if (one.word == name) return one.meant;
  }
  return {};
}

std::string_view value_in_lower_case(std::string_view word, const std::string& name) {
  if (word == name) return {};
  for (const std::span<const Keyword> list :
       {std::span<const Keyword>(protocol_words), std::span<const Keyword>(fallback_words),
        std::span<const Keyword>(level_words), std::span<const Keyword>(ports_words),
        std::span<const Keyword>(switch_words)}) {
    const int known = Place::index_of_word(list, name);
    if (known >= 0) return list[static_cast<size_t>(known)];
  }
  for (const PortName& one : port_names) {
    if (name == one.text) return one.text;
  }
  return {};
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
      repair.show(place.word(first).at, std::max(place.word(last).end(), word.end()));
    }
  }
  if (repair.edits.empty()) return {};
  repair.behind = mark == '=' ? "without =" : "without the colon";
  repair.may_move = true;
  return repair;
}

Found upper_case(const Place& place) {
  Repair repair = before("words are lower case");
  for (size_t i = 0; i < place.words.size(); ++i) {
    const Word word = place.word(i);
    const std::string name = lower(word.text);
    if (name == word.text || place.is_program(i)) continue;
    const auto list = keywords_at(i);
    const int known = Place::index_of_word(list, name);
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
  Repair repair = behind("in place of " + std::string(place.at_word(i)));
  repair.replace(place.word(i), std::string(meant));
  repair.show(place.word(i).at, i == 0 ? place.words.back().end() : place.word(i + 1).end());
  repair.whole_statement = i == 0;
  repair.may_move = true;
  return repair;
}

Found glued_word(const Place& place) {
  const Word word = place.word(place.index);
  const auto list = keywords_at(place.index);
  for (const Keyword& keyword : list) {
    const std::string_view name = keyword;
    if (word.text.size() <= name.size() || !word.text.starts_with(name)) continue;
    const std::string_view rest = word.text.substr(name.size());
    const bool is_value = is_digit(rest[0]) || rest.find_first_of(".:/") != rest.npos ||
                          rest == "any" || rest == "refuse" || rest == "direct" ||
                          read_ports(rest).low > 0 || rest == "tcp" || rest == "udp" ||
                          Place::index_of_word(level_words, rest) >= 0;
    if (!is_value) continue;
    Repair repair = behind("with a blank");
    repair.insert(word.at + name.size(), " ").show(word.at, word.end());
    return repair;
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
  const std::string name = lower(place.wrong());
  for (const Other& one : values) {
    if (one.word != name || Place::index_of_word(expected, one.meant) < 0) continue;
    Repair repair = behind("in place of " + std::string(place.wrong()));
    const Word before_it = place.before();
    repair.replace(place.word(place.index), std::string(one.meant));
    repair.show(before_it.at, place.word(place.index).end());
    return repair;
  }
  return {};
}

}  // namespace clusterbind::hints
