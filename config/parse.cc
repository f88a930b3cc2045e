#include "config/parse.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "config/parse_errors.h"
#include "config/values.h"
#include "config/words.h"

namespace clusterbind {
namespace {

template <typename T>
void keep(std::span<T> list, size_t& count, const T& value) {
  if (count < list.size()) list[count] = value;
  ++count;
}

/// Reads statements one after the other. After an error it goes on with the next element, clause or
/// statement, so that each mistake is reported once.
class Parser {
 public:
  Parser(std::string_view text, ParsedRules& parsed, Errors& errors, std::string_view program)
      : parsed_(parsed),
        errors_(errors),
        program_(program),
        words_(text, &Reports::bad_byte, &errors_) {}

  /// Reads the next statement that is not empty; false at the end of the text.
  bool statement() {
    while (words_.current().kind == Token::end) {
      if (words_.finished()) return false;
      words_.advance();
    }
    begin_statement();
    ++statements_;
    while (words_.current().kind != Token::end) words_.advance();  // what is left after an error
    return true;
  }

  void require_a_rule() {
    if (errors_.none() && parsed_.counts.rules == 0) missing("there is no rule", Hint::a_rule);
  }

  bool only_names_program() const { return only_names_program_; }

 private:
  /// An error just behind the last word.
  void missing(const char* message, Hint hint) {
    errors_.missing(words_.last_line(), words_.last_end(), message, hint);
  }

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
    const int chosen = setting(ports_words, "ports needs a way", Hint::ports);
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
    sources_known_ = true;
    if (action == Action::bind) sources();
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

  /// The source addresses: one, one of each family with a blank between them, or a list with
  /// commas.
  void sources() {
    const size_t before = parsed_.counts.sources;
    source_count_ = 0;
    if (!at_value(true)) {
      sources_known_ = false;
      return missing("bind needs a source address", Hint::sources);
    }
    source(words_.take(), false);
    if (words_.at_comma()) {
      list_of_sources();
    } else {
      while (at_address()) source(words_.take(), false);
    }
    if (words_.at_comma()) {
      const Token comma = words_.take();
      const bool is_first_mistake = std::exchange(sources_known_, false);
      if (is_first_mistake) errors_.wrong(comma, "unexpected", Hint::commas_between_all);
      skip_to_clause();
    }
    keep_list(before);
  }

  void list_of_sources() {
    while (words_.at_comma()) {
      words_.take();
      if (at_value(true)) {
        source(words_.take(), true);
      } else {
        missing("a source address is missing", Hint::elements);
      }
    }
    if (at_address()) {
      errors_.wrong(words_.take(), "unexpected", Hint::commas);
      skip_to_clause();
    }
  }

  /// Whether the next word looks like an address, right or wrong. It may be a misspelt clause.
  bool at_address() const {
    return at_value(true) && words_.current().text.find_first_of(".:[") != std::string_view::npos;
  }

  /// A rule keeps its addresses as a list only where it has several of one family.
  void keep_list(size_t before) {
    if (source_count_ <= unsigned{rule_.has_ipv4} + unsigned{rule_.has_ipv6}) {
      parsed_.counts.sources = before;
      return;
    }
    rule_.list_first = static_cast<uint32_t>(before) & 0x1ffffff;
    rule_.list_count = source_count_ & 0x7f;
  }

  /// Reads a source address. Most rules have the same source addresses as the rule before them, in
  /// the same places, so a word that is spelled the same is not read again.
  void source(const Token& token, bool in_list) {
    KnownSource& known = known_sources_[source_count_ % std::size(known_sources_)];
    if (known.text != token.text) known = {token.text, read_address(token.text)};
    const std::optional<Address>& address = known.address;
    if (!address) {
      unusable(token, "is not an address", Hint::address);
    } else if (is_wildcard(*address)) {
      unusable(token, "is the wildcard address", Hint::address_to_send_from);
    } else if (is_multicast(*address)) {
      unusable(token, "is a multicast address", Hint::address_to_send_from);
    } else if (is_broadcast(*address)) {
      unusable(token, "is the broadcast address", Hint::address_to_send_from);
    } else if (is_link_local(*address)) {
      unusable(token, "is a link-local address, which would need a scope", Hint::global_address);
    } else if (!in_list && serves(rule_, address->family)) {
      unusable(token, "is a second address of one family", Hint::source_of_each_family);
    } else if (in_list && is_listed(*address)) {
      errors_.wrong_word(token, "is given twice", Hint::once);
    } else if (source_count_ == sources_most) {
      errors_.wrong_word(token, "is one address more than a rule can have", Hint::fewer_sources);
      skip_to_clause();
    } else {
      add_source(*address);
    }
  }

  void add_source(const Address& address) {
    if (!serves(rule_, address.family)) set_source(rule_, address);
    keep(parsed_.sources, parsed_.counts.sources, address);
    ++source_count_;
  }

  /// Whether the rule has this address already, as far as there is memory for the list.
  bool is_listed(const Address& address) const {
    const size_t end = std::min(parsed_.counts.sources, parsed_.sources.size());
    const size_t first = std::min<size_t>(parsed_.counts.sources - source_count_, end);
    const auto listed = parsed_.sources.subspan(first, end - first);
    return std::find(listed.begin(), listed.end(), address) != listed.end();
  }

  void unusable(const Token& token, const char* message, Hint hint) {
    sources_known_ = false;
    errors_.wrong_word(token, message, hint);
  }

  void clause() {
    const Token token = words_.take();
    if (token.clause == Clause::none) {
      errors_.wrong(token, "unexpected", at_list_ ? Hint::element_or_clause : Hint::clause);
      return skip_to_clause();
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

  void skip_to_clause() {
    while (words_.current().kind != Token::end && !words_.at_clause()) {
      words_.advance();
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
    if (!at_value(keywords_end)) {
      missing(none, hint);
      return -1;
    }
    const Token token = words_.take();
    const int index = index_of(words, token.text);
    if (index < 0) errors_.wrong(token, "unknown value", hint);
    return index;
  }

  bool at_value(bool keywords_end) const {
    return words_.at_word() && !(keywords_end && words_.at_clause());
  }

  /// Takes elements that are separated by commas. `keywords_end`: a word that is spelled like a
  /// clause is not an element.
  template <typename Element>
  void list(const char* none, bool keywords_end, Element element) {
    at_list_ = true;
    for (;;) {
      if (at_value(keywords_end)) {
        element(words_.take());
      } else {
        missing(none, Hint::elements);
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
    } else if (sources_known_ && !serves(rule_, prefix.address->family)) {
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

  struct KnownSource {
    std::string_view text;
    std::optional<Address> address;
  };
  KnownSource known_sources_[4];  // the last word at each place, and what it reads as

  // the rule that is being read
  Rule rule_;
  Clauses clauses_;
  bool seen_clause_[std::size(clause_words)] = {};
  unsigned source_count_ = 0;
  bool sources_known_ = true;  // after an error in the addresses, no errors that follow from it
  bool at_list_ = false;       // the last clause was a list

  Words words_;  // the last member: it reports bad bytes from its constructor on
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

bool spares(std::string_view text, std::string_view program, Errors& errors) {
  ParsedRules parsed;
  Parser parser({text.data(), std::min(text.size(), text_limit)}, parsed, errors, program);
  return parser.statement() && errors.count == 0 && parsed.settings.only &&
         !parser.only_names_program();
}

}  // namespace clusterbind
