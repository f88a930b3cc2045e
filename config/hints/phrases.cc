// Words between the words of the language, and clauses that it has not.
#include <algorithm>

#include "config/hints/hosts.h"
#include "config/hints/kinds.h"
#include "config/hints/vocabulary.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

bool wants_clause(const Place& place) {
  return place.length != 0 && (place.hint == Hint::clause || place.hint == Hint::element_or_clause);
}

bool is_filler(std::string_view word) {
  return is_one_of(lower(word),
                   {"for",   "with",    "on",          "by",         "via",   "in",    "of",
                    "when",  "if",      "where",       "using",      "and",   "then",  "at",
                    "over",  "through", "is",          "only",       "also",  "but",   "all",
                    "the",   "traffic", "connections", "connection", "going", "while", "from",
                    "whose", "having",  "match",       "matching",   "use",   "&&"});
}

bool is_clause_in_any_spelling(const Place& place, size_t i) {
  return place.is_clause(i) ||
         (!meant_by(i, place.at_word(i)).empty() && !is_filler(place.at_word(i)));
}

/// Whether a word announces a value of the clause.
bool announces(Clause clause, bool is_only, std::string_view word) {
  const std::string name = lower(word);
  if (is_one_of(name, {"is", "are", "eq", "equals", "in", "=", "==", ":", "=>", ":="})) return true;
  if (is_only) return is_one_of(name, {"program", "programs", "for", "process", "processes"});
  switch (clause) {
    case Clause::to:
      return is_one_of(
          name, {"host",   "hosts",       "net",     "network", "subnet", "ip",      "ipv4", "ipv6",
                 "inet",   "inet6",       "address", "addr",    "prefix", "range",   "cidr", "the",
                 "domain", "destination", "dst",     "server",  "from",   "networks"});
    case Clause::port:
      return is_one_of(name, {"number", "numbers", "no", "no.", "nr", "range", "tcp", "service",
                              "named", "from", "the", "dst", "ports"});
    case Clause::program:
      return is_one_of(
          name, {"name", "named", "called", "file", "binary", "path", "exe", "the", "executable"});
    case Clause::proto:
      return is_one_of(name, {"protocol", "ip"});
    case Clause::none:
    case Clause::override_program:
    case Clause::pick:
    case Clause::otherwise:
      break;
  }
  return false;
}

}  // namespace

// `for program smtp`, `when port 25`, `to any on port 25`.
Found filler(const Place& place) {
  if (!wants_clause(place)) return {};
  size_t next = place.index;
  while (next < place.words.size() && is_filler(place.at_word(next)) && next < place.index + 3) {
    ++next;
  }
  // `if unavailable direct`
  size_t fallback = next;
  while (is_one_of(lower(place.at_word(fallback)),
                   {"not", "unavailable", "available", "missing", "absent", "down", "fails", "here",
                    "it", "is", "impossible"})) {
    ++fallback;
  }
  if (fallback > next && index_of_word(fallback_words, place.at_word(fallback)) >= 0) {
    const std::string name(word_of(clause_words, Clause::otherwise));
    Repair repair;
    repair.replace(Span{place.at, place.word(fallback).at}, name + " ");
    return repair.show(place.at, place.word(fallback).end());
  }
  if (next == place.index || !is_clause_in_any_spelling(place, next)) return {};
  const std::string words(place.text.substr(
      place.word(place.index).at, place.word(next - 1).end() - place.word(place.index).at));
  Repair repair = after("without " + words);
  repair.replace(Span{place.word(place.index).at, place.word(next).at}, "");
  repair.show(place.word(place.index).at, place.word(next + 1).end());
  repair.whole_statement = true;
  repair.may_move = true;
  return repair;
}

// `port is 25`, `to host 192.0.2.1, host 192.0.2.2`, `port number 25`, `only program smtp`.
Found announcement(const Place& place) {
  if (place.length == 0) return {};
  const bool is_only = place.begins_with(Statement::only);
  // Where the word is a value too, as the name of a program, the error is at what follows.
  for (size_t at = place.index; at + 1 >= place.index && at > 0; --at) {
    const Clause clause = place.clause_of(at);
    const size_t end = is_only ? place.words.size() : place.clause_end(at);
    if (!place.is_element(at) || at + 1 >= end || place.at_word(at + 1) == "," ||
        !announces(clause, is_only, place.at_word(at))) {
      continue;
    }
    Repair repair = after("without " + std::string(place.at_word(at)));
    for (size_t i = at; i + 1 < end; ++i) {
      if (place.is_element(i) && place.at_word(i + 1) != "," &&
          announces(clause, is_only, place.at_word(i))) {
        remove_words(repair, place, i, i + 1);
      }
    }
    repair.show(place.word(at - 1).at, place.word(at + 1).end());
    repair.may_move = true;
    return repair;
  }
  return {};
}

// `bind ipv4 192.0.2.25 ipv6 2001:db8::25`, `bind source 192.0.2.25`.
Found source_label(const Place& place) {
  if (!place.begins_with(Statement::bind) || place.index == 0 || place.length == 0) return {};
  const size_t end = place.clause_end(0);
  const auto is_label = [&](size_t i) {
    const std::string_view word = place.at_word(i);
    return i + 1 < end && word.find_first_of(".:/,[\\") == word.npos && !is_digit(word[0]) &&
           place.at_word(i + 1).find_first_of(".:") != std::string_view::npos &&
           !is_one_of(lower(word), {"and", "or", "&", "|", "+", "-", "not", "!", "->", "to"});
  };
  if (place.index >= end || !is_label(place.index) || lower(place.wrong()) != place.wrong()) {
    return {};
  }
  const size_t next = place.index + 1;
  const bool is_address = read_address(place.at_word(next)).has_value();
  const bool is_known = is_one_of(place.wrong(), {"ip", "ipv4", "ipv6", "inet", "inet6", "source",
                                                  "src", "address", "addr", "from", "saddr"});
  // Between two addresses it may be a clause's word.
  if ((!is_known || place.wrong() == "from") && (!is_address || place.index > 1)) return {};
  Repair repair = after("without " + std::string(place.wrong()));
  const std::string_view way = value_meant_by(pick_words, place.wrong());
  if (!way.empty() && place.find_clause(Clause::pick) == place.words.size()) {
    // `bind random 192.0.2.25, 192.0.2.26`
    const std::string clause(word_of(clause_words, Clause::pick));
    repair.insert(place.words.back().end(), " " + clause + " " + std::string(way));
    repair.sentence = "write `" + clause + " " + std::string(way) + "` after the addresses";
  }
  for (size_t i = place.index; i < end; ++i) {
    if (is_label(i)) remove_words(repair, place, i, i + 1);
  }
  repair.show(place.before().at, place.word(next).end());
  repair.may_move = true;
  return repair;
}

// `port 25 only for exim4`: of this rule, not of the file.
Found only_in_rule(const Place& place) {
  if (!wants_clause(place) || place.wrong() != word_of(statement_words, Statement::only)) return {};
  size_t name = place.index + 1;
  while (is_filler(place.at_word(name))) ++name;
  if (place.find_clause(Clause::program) < place.words.size() || !is_name(place.at_word(name))) {
    return {};
  }
  Repair repair = before("only is a statement of its own, for the whole file");
  repair.replace(Span{place.at, place.word(name).at},
                 std::string(word_of(clause_words, Clause::program)) + " ");
  repair.show(place.at, place.word(name).end());
  return repair;
}

// Clauses of other programs: users, interfaces, source ports, states.
Found absent_clause(const Place& place) {
  if (!wants_clause(place)) return {};
  std::string word = lower(place.wrong());
  word.erase(0, std::min(word.find_first_not_of('-'), word.size()));
  word.erase(std::min(word.find_first_of("=:"), word.size()));
  std::string why;
  if (is_one_of(word, {"user", "uid", "owner", "uid-owner", "group", "gid", "skuid", "runas"})) {
    return say("a rule goes by the program, not by its user: write `program smtp`, for example");
  }
  if (is_one_of(word,
                {"dev", "interface", "iface", "oif", "oifname", "iif", "o", "device", "nic"}) ||
      (is_one_of(word, {"on", "via", "over", "through", "from"}) &&
       (is_interface(place.at_word(place.index + 1)) ||
        place.at_word(place.index + 1) == "interface"))) {
    why = "the routing table chooses the interface: remove this";
  } else if (is_one_of(word, {"sport", "sports", "source-port", "srcport", "source_port"}) ||
             (is_one_of(word, {"source", "src", "from"}) &&
              place.at_word(place.index + 1) == word_of(clause_words, Clause::port))) {
    why = "the kernel chooses the source port: remove this";
  } else if (word == word_of(statement_words, Statement::log)) {
    why = "log is a statement of its own: remove it here";
  } else if (is_one_of(word, {"inet", "inet6", "ipv4", "ipv6", "v4", "v6"})) {
    why = "the addresses tell the family: remove this";
  } else if (is_one_of(word, {"weight",   "priority",   "prio",        "metric",    "mark",
                              "tos",      "dscp",       "timeout",     "quick",     "keep",
                              "state",    "counter",    "comment",     "label",     "tag",
                              "table",    "out",        "outgoing",    "outbound",  "in",
                              "incoming", "inbound",    "established", "new",       "persistent",
                              "m",        "ttl",        "usesrc",      "flags",     "syn",
                              "with",     "return-rst", "ct",          "multiport", "conntrack",
                              "limit",    "v4v6"})) {
    why = "there is no `" + word + "` in a rule: remove this";
  }
  const std::string_view next = place.at_word(place.index + 1);
  const bool is_from = is_one_of(word, {"from", "source", "src", "saddr", "s"}) &&
                       (next == any_word || next == "all" || read_prefix(next).address);
  if (why.empty() && is_from) {
    why = place.begins_with(Statement::bind) ? "the source address follows bind: remove this"
                                             : "a rule does not go by the source: remove this";
  }
  if (why.empty()) return {};
  size_t end = place.clause_end(place.index);
  const bool has_port =
      end == place.index + 1 && why.find("source port") != why.npos && place.is_clause(end);
  if (has_port) end = place.clause_end(end);
  Repair repair = say(why);
  remove_words(repair, place, place.index, end);
  repair.may_move = true;
  return repair;
}

// `proto tcp proto udp`, `proto tcp, udp`, `proto tcp and udp`.
Found both_protocols(const Place& place) {
  const size_t first = place.find_clause(Clause::proto);
  if (first + 1 >= place.words.size() || place.index <= first) return {};
  const bool concerns = place.clause_of(place.index + 1) == Clause::proto ||
                        place.clause_of(place.index) == Clause::proto;
  if (!concerns) return {};
  bool has_tcp = false, has_udp = false;
  Repair repair = before("both");
  for (size_t i = first; i < place.words.size();) {
    const size_t end = place.clause_end(i);
    if (place.at_word(i) == place.at_word(first)) {
      for (size_t at = i + 1; at < end; ++at) {
        const std::string word = lower(place.at_word(at));
        has_tcp |= word.find("tcp") != word.npos;
        has_udp |= word.find("udp") != word.npos;
        if (word.find_first_not_of("tcpud,/+&|and or") != word.npos) return {};
      }
      if (i == first) {
        repair.replace(Span{place.word(first).end(), place.word(end - 1).end()},
                       " " + std::string(any_word));
        repair.show(place.word(first).at, place.word(end - 1).end());
      } else {
        remove_words(repair, place, i, end);
      }
    }
    i = end;
  }
  if (!has_tcp || !has_udp) return {};
  repair.before = "tcp and udp";
  repair.may_move = true;
  return repair;
}

// `override yes`.
Found value_of_override(const Place& place) {
  const bool follows =
      place.index > 1 && place.before().text == word_of(clause_words, Clause::override_program);
  if (!wants_clause(place) || !follows) return {};
  const std::string word = lower(place.wrong());
  const bool is_on = is_one_of(word, {"yes", "on", "true", "1", "always", "all", "enable"});
  const bool is_off = is_one_of(word, {"no", "off", "false", "0", "never"});
  if (!is_on && !is_off) return {};
  Repair repair = say(is_on ? "override has no value: write override alone"
                            : "override has no value: leave it out");
  remove_words(repair, place, place.index - (is_on ? 0 : 1), place.index + 1);
  return repair;
}

}  // namespace clusterbind::hints
