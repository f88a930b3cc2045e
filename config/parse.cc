#include "config/parse.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "config/parse_errors.h"
#include "config/parse_sources.h"
#include "config/values.h"
#include "config/words.h"

namespace clusterbind {
namespace {

/// Reads statements one after the other. After an error it goes on with the next element, clause or
/// statement, so that each mistake is reported once.
class Parser {
 public:
  Parser(std::string_view text, ParsedRules& parsed, Errors& errors, std::string_view program)
      : parsed_(parsed),
        errors_(errors),
        program_(program),
        words_(text, &Reports::bad_byte, &errors_),
        sources_(words_, errors_, parsed) {}

  /// Reads the next statement that is not empty; false at the end of the text.
  bool statement() {
    while (words_.current().kind == Token::end) {
      if (words_.finished()) return false;
      words_.advance();
    }
    begin_statement();
    ++statements_;
    while (words_.current().kind != Token::end) words_.advance();  // skips the rest after an error
    return true;
  }

  void require_a_rule() {
    if (errors_.none() && parsed_.counts.rules == 0)
      errors_.missing(words_, "there is no rule", Hint::a_rule);
  }

  bool only_names_program() const { return only_names_program_; }

 private:
  // --- statements

  void begin_statement() {
    at_list_ = false;
    const Token token = words_.take();
    const auto statement = static_cast<Statement>(index_of(statement_words, token.text));
    switch (statement) {
      case Statement::bind:
      case Statement::direct:
      case Statement::refuse:
        return rule(token, static_cast<Action>(statement));
      case Statement::only:
        return only(token);
      case Statement::log:
        return log(token);
      case Statement::ports:
        return ports_setting(token);
      case Statement::reload:
        return reload(token);
      case Statement::none:
        return unknown_statement(token);
    }
  }

  void unknown_statement(const Token& token) {
    if (token.clause != Clause::none) {
      errors_.wrong(token, "a rule cannot begin with", Hint::beginning_of_rule);
    } else {
      errors_.wrong(token, token.kind == Token::comma ? "unexpected" : "unknown statement",
                    Hint::statement);
    }
  }

  // --- settings

  void only(const Token& token) {
    if (!once(seen_only_, token)) return;
    if (statements_ != 0) {
      errors_.wrong_word(token, "must be the first statement", Hint::above_all_others);
    }
    parsed_.settings.only = true;
    list("a program name is missing", false, [&](const Token& name) {
      if (!program_name(name)) return;
      if (!program_.empty() && name.text == program_) only_names_program_ = true;
      keep(parsed_.only, parsed_.counts.only, name.text);
    });
    end_of_setting();
  }

  void log(const Token& token) {
    const bool first = once(seen_log_, token);
    const int level = setting(level_words, "log needs a level", Hint::log);
    if (level >= 0 && first) {
      parsed_.settings.log = static_cast<LogLevel>(level);
      parsed_.settings.log_given = true;
    }
  }

  void ports_setting(const Token& token) {
    const bool first = once(seen_ports_, token);
    const int chosen = setting(ports_words, "ports needs kernel or spread", Hint::ports);
    if (chosen >= 0 && first) parsed_.settings.ports_spread = chosen == 1;
  }

  void reload(const Token& token) {
    const bool first = once(seen_reload_, token);
    const int chosen = setting(switch_words, "reload needs on or off", Hint::reload);
    if (chosen >= 0 && first) parsed_.settings.reload = chosen == 1;
  }

  /// The one word of a setting, as its index in `words`; -1 after an error.
  int setting(std::span<const Keyword> words, const char* none, Hint hint) {
    const int index = value(words, false, none, hint);
    if (index >= 0) end_of_setting();
    return index;
  }

  void end_of_setting() {
    if (words_.current().kind == Token::end) return;
    errors_.wrong(words_.take(), "unexpected", at_list_ ? Hint::commas : Hint::one_value);
  }

  /// Reports a clause or setting that is given for the second time. True the first time.
  bool once(bool& seen, const Token& token) {
    if (seen) errors_.wrong_word(token, "is given twice", Hint::once);
    return !std::exchange(seen, true);
  }

  // --- rules

  void rule(const Token& word, Action action) {
    rule_ = Rule();
    rule_.line = word.line;
    rule_.action = action;
    clauses_ = {static_cast<uint32_t>(parsed_.counts.destinations), 0,
                static_cast<uint32_t>(parsed_.counts.ports),        0,
                static_cast<uint32_t>(parsed_.counts.programs),     0};
    std::fill(std::begin(seen_clause_), std::end(seen_clause_), false);
    if (action == Action::bind) sources_.read(rule_);
    while (words_.current().kind != Token::end) clause();
    close_rule(word);
  }

  void close_rule(const Token& word) {
    Counts& counts = parsed_.counts;
    clauses_.destination_count = static_cast<uint32_t>(counts.destinations - clauses_.destinations);
    clauses_.port_count = static_cast<uint32_t>(counts.ports - clauses_.ports);
    clauses_.program_count = static_cast<uint32_t>(counts.programs - clauses_.programs);
    const uint64_t before = combinations_;
    combinations_ +=
        uint64_t{std::max(clauses_.destination_count, 1U)} * std::max(clauses_.port_count, 1U);
    if (combinations_ > combination_limit && before <= combination_limit) {
      errors_.wrong_word(word, "makes more combinations of destinations and ports than can be held",
                         Hint::fewer_combinations);
    }
    if (counts.rules < parsed_.clauses.size()) parsed_.clauses[counts.rules] = clauses_;
    keep(parsed_.rules, counts.rules, rule_);
  }

  void clause() {
    const Token token = words_.take();
    if (token.clause == Clause::none) {
      errors_.wrong(token, "unexpected", at_list_ ? Hint::element_or_clause : Hint::clause);
      return words_.skip_to_clause();
    }
    once(seen_clause_[static_cast<size_t>(token.clause)], token);
    at_list_ = false;
    switch (token.clause) {
      case Clause::to:
        return list("a destination is missing", true,
                    [&](const Token& element) { destination(element); });
      case Clause::port:
        return list("a port is missing", true, [&](const Token& element) { port(element); });
      case Clause::proto:
        return protocol();
      case Clause::program:
        return list("a program name is missing", false, [&](const Token& name) {
          if (program_name(name)) keep(parsed_.programs, parsed_.counts.programs, name.text);
        });
      case Clause::override_program:
        if (bind_only(token)) rule_.override_program = true;
        return;
      case Clause::pick:
        return pick(token);
      case Clause::otherwise:
        return fallback(token);
      case Clause::none:
        return;
    }
  }

  bool bind_only(const Token& token) {
    if (rule_.action == Action::bind) return true;
    errors_.wrong_word(token, "goes with bind only", Hint::bind_rule);
    return false;
  }

  void protocol() {
    const int chosen = value(protocol_words, true, "proto needs a protocol", Hint::protocol);
    if (chosen >= 0) rule_.protocol = static_cast<ProtocolClause>(chosen);
  }

  void pick(const Token& token) {
    const bool allowed = bind_only(token);
    const int chosen = value(pick_words, true, "pick needs first or random", Hint::pick);
    if (chosen >= 0 && allowed) rule_.picks_at_random = static_cast<Pick>(chosen) == Pick::random;
  }

  void fallback(const Token& token) {
    const bool allowed = bind_only(token);
    const int chosen = value(fallback_words, true, "else needs a fallback", Hint::fallback);
    if (chosen >= 0 && allowed) rule_.fallback = static_cast<Fallback>(chosen);
  }

  // --- single words and lists

  /// Takes the next word and returns its index in `words`; -1 after an error. `keywords_end`: a
  /// word that is spelled like a clause is not taken, because `words` has none.
  int value(std::span<const Keyword> words, bool keywords_end, const char* none, Hint hint) {
    if (!words_.at_value(keywords_end)) {
      errors_.missing(words_, none, hint);
      return -1;
    }
    const Token token = words_.take();
    const int index = index_of(words, token.text);
    if (index < 0) errors_.wrong(token, "unknown value", hint);
    return index;
  }

  /// Takes elements that are separated by commas. `keywords_end`: a word that is spelled like a
  /// clause is not an element.
  template <typename Element>
  void list(const char* none, bool keywords_end, Element element) {
    at_list_ = true;
    for (;;) {
      if (words_.at_value(keywords_end)) {
        element(words_.take());
      } else {
        errors_.missing(words_, none, Hint::elements);
      }
      if (!words_.at_comma()) return;
      words_.take();
    }
  }

  bool program_name(const Token& token) {
    if (is_name(token.text)) return true;
    errors_.wrong_word(token, "is not a program name", Hint::program_name);
    return false;
  }

  void destination(const Token& token) {
    if (is(any_word, token.text)) {
      return keep(parsed_.destinations, parsed_.counts.destinations, {{}, 0, true});
    }
    const PrefixWord prefix = read_prefix(token.text);
    if (!prefix.address) {
      errors_.wrong_word(token, "is not a destination", Hint::destination);
    } else if (prefix.length < 0) {
      errors_.wrong(token, "wrong prefix length in", Hint::prefix_length);
    } else if (first_address(*prefix.address, static_cast<unsigned>(prefix.length)) !=
               *prefix.address) {
      errors_.wrong_word(token, "has host bits beyond its prefix length", Hint::host_bits);
    } else if (sources_.known() && !serves(rule_, prefix.address->family)) {
      errors_.wrong_word(token, "is of a family that the rule has no source address for",
                         Hint::family);
    } else {
      keep(parsed_.destinations, parsed_.counts.destinations,
           {*prefix.address, static_cast<uint8_t>(prefix.length), false});
    }
  }

  void port(const Token& token) {
    const PortWord range = read_ports(token.text);
    if (range.low < 0 || range.high < 0) {
      errors_.wrong_word(token, "is not a port", Hint::port);
    } else if (range.is_range_of_names) {
      errors_.wrong_word(token, "is a range of names", Hint::range_of_numbers);
    } else if (range.low > range.high) {
      errors_.wrong_word(token, "is a range from high to low", Hint::low_port_first);
    } else {
      keep(parsed_.ports, parsed_.counts.ports,
           {static_cast<uint16_t>(range.low), static_cast<uint16_t>(range.high)});
    }
  }

  ParsedRules& parsed_;
  Reports errors_;
  std::string_view program_;
  bool only_names_program_ = false;

  uint64_t combinations_ = 0;
  uint32_t statements_ = 0;
  bool seen_only_ = false, seen_log_ = false, seen_ports_ = false, seen_reload_ = false;

  // the rule that is being read
  Rule rule_;
  Clauses clauses_;
  bool seen_clause_[std::size(clause_words)] = {};
  bool at_list_ = false;  // the last clause was a list

  Words words_;  // declared after errors_, because its constructor reports control bytes to it
  SourceParser sources_;
};

}  // namespace

void parse(std::string_view text, ParsedRules& parsed, Errors& errors) {
  parsed.settings = {};
  parsed.counts = {};
  if (text.size() > text_limit) {
    Reports(errors).missing(0, 0, "larger than 16 MiB", Hint::prefixes_and_ranges);
    return;
  }
  Parser parser(text, parsed, errors, {});
  while (parser.statement()) {
  }
  parser.require_a_rule();
}

bool excludes(std::string_view text, std::string_view program, Errors& errors) {
  ParsedRules parsed;
  Parser parser({text.data(), std::min(text.size(), text_limit)}, parsed, errors, program);
  return parser.statement() && errors.count == 0 && parsed.settings.only &&
         !parser.only_names_program();
}

}  // namespace clusterbind
