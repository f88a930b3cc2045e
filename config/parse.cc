#include "config/parse.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "config/number.h"
#include "config/text.h"
#include "config/words.h"

namespace clusterbind {
namespace {

using namespace std::string_view_literals;

struct Name {
  std::string_view text;
  uint16_t port;
};
constexpr Name port_names[] = {{"smtp", 25},        {"smtps", 465}, {"submissions", 465},
                               {"submission", 587}, {"lmtp", 24},   {"qmtp", 209},
                               {"x400", 102}};

// In the order of Parser::begin_statement().
constexpr std::string_view statement_words[] = {"bind", "direct", "refuse", "only",
                                                "log",  "ports",  "reload"};
constexpr std::string_view level_words[] = {"off", "error", "info", "debug"};

constexpr std::string_view begin_hint =
    "a statement begins with bind, direct, refuse, only, log, ports or reload";
constexpr std::string_view clause_hint =
    "the clauses of a rule are to, port, proto, program, override and else";

/// Where a word stands in a list of words, or -1.
int index_of(std::span<const std::string_view> list, std::string_view word) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i][0] == word[0] && list[i] == word) return static_cast<int>(i);
  }
  return -1;
}

/// Whether `word` would be `other` in lower case.
bool same_but_for_case(std::string_view word, std::string_view other) {
  return std::equal(word.begin(), word.end(), other.begin(), other.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

bool is_name(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '+' || c == '-';
  });
}

/// What to write instead of a word that is no address.
std::string_view address_hint(std::string_view word) {
  if (word.find('[') != word.npos) return "write the address without brackets";
  if (word.find('%') != word.npos) return "write the address without a scope";
  if (word.find('/') != word.npos) return "write one address, without a prefix length";
  if (word.find(':') == word.npos && word.find_first_not_of("0123456789.") != word.npos) {
    return "names are not looked up: write an address such as 192.0.2.25 or 2001:db8::25";
  }
  return "write it as inet_pton(3) reads it, without leading zeros: 192.0.2.25 or 2001:db8::25";
}

/// What stands before and behind the first `mark` in a word.
struct Halves {
  std::string_view before;
  std::string_view behind;
  bool marked = false;
};

Halves split(std::string_view word, char mark) {
  size_t at = 0;
  while (at < word.size() && word[at] != mark) ++at;
  if (at == word.size()) return {word, {}, false};
  return {{word.data(), at}, {word.data() + at + 1, word.size() - at - 1}, true};
}

template <typename T>
void keep(std::span<T> list, size_t& count, const T& value) {
  if (count < list.size()) list[count] = value;
  ++count;
}

/// Reads statements, one after the other. After an error it goes on with the next element, clause
/// or statement, so that each mistake is reported once.
class Parser {
 public:
  Parser(std::string_view text, Syntax& syntax, Errors& errors, std::string_view program)
      : syntax_(syntax),
        errors_(errors),
        program_(program),
        words_(text, &Parser::on_bad_byte, this) {}

  /// Reads the next statement that is not empty; false at the end of the text.
  bool statement() {
    while (words_.current().kind == Token::end) {
      if (words_.finished()) return false;
      words_.advance();
    }
    begin_statement();
    ++statements_;
    while (words_.current().kind != Token::end) words_.advance();  // what an error left behind
    return true;
  }

  void require_a_rule() {
    if (errors_.count != 0 || syntax_.counts.rules != 0) return;
    missing("there is no rule", "write 'direct' if nothing is to be bound");
  }

  bool only_names_program() const { return only_names_program_; }

 private:
  // --- errors

  static void on_bad_byte(void* parser, uint32_t line, uint32_t column, unsigned char byte) {
    auto& self = *static_cast<Parser*>(parser);
    Error* error = self.report(line, column, 1);
    if (error == nullptr) return;
    const char digits[] = {"0123456789abcdef"[byte / 16], "0123456789abcdef"[byte % 16]};
    Text(error->message) << "control byte 0x" << std::string_view(digits, 2);
    Text(error->hint) << "a rule file is plain text: remove the byte";
  }

  Error* report(uint32_t line, uint32_t column, size_t length) {
    const size_t index = errors_.count++;
    if (index >= Errors::kept) return nullptr;
    Error& error = errors_.list[index];
    error = {};
    error.line = line;
    error.column = column;
    error.length = static_cast<uint32_t>(length);
    return &error;
  }

  /// An error about a word: "message 'word'".
  Error* wrong(const Token& token, std::string_view message, std::string_view hint) {
    Error* error = report(token.line, token.column, token.text.size());
    if (error == nullptr) return nullptr;
    (Text(error->message) << message << " ").quote(token.text);
    Text(error->hint) << hint;
    return error;
  }

  /// An error about a word: "'word' message".
  Error* wrong_word(const Token& token, std::string_view message, std::string_view hint) {
    Error* error = report(token.line, token.column, token.text.size());
    if (error == nullptr) return nullptr;
    Text(error->message).quote(token.text) << " " << message;
    Text(error->hint) << hint;
    return error;
  }

  /// An error just behind the last word.
  void missing(std::string_view message, std::string_view hint) {
    Error* error = report(last_line_, last_end_, 0);
    if (error == nullptr) return;
    Text(error->message) << message;
    Text(error->hint) << hint;
  }

  // --- words

  bool at_word() const { return words_.current().kind == Token::word; }
  bool at_comma() const { return words_.current().kind == Token::comma; }

  Token take() {
    const Token token = words_.current();
    if (token.kind == Token::word) {
      last_line_ = token.line;
      last_end_ = token.column + static_cast<uint32_t>(token.text.size());
    }
    words_.advance();
    return token;
  }

  // --- statements

  void begin_statement() {
    at_list_ = false;
    const Token token = take();
    switch (index_of(statement_words, token.text)) {
      case 0:
        return rule(token, Action::bind);
      case 1:
        return rule(token, Action::direct);
      case 2:
        return rule(token, Action::refuse);
      case 3:
        return only(token);
      case 4:
        return log(token);
      case 5:
        return ports_setting(token);
      case 6:
        return reload(token);
      default:
        unknown_statement(token);
    }
  }

  void unknown_statement(const Token& token) {
    for (const std::string_view known : statement_words) {
      if (same_but_for_case(token.text, known)) {
        wrong(token, "unknown statement", "words are written in lower case");
        return;
      }
    }
    if (token.clause >= 0) {
      wrong(token, "a rule cannot begin with", "a rule begins with bind, direct or refuse");
      return;
    }
    wrong(token, token.kind == Token::comma ? "unexpected" : "unknown statement", begin_hint);
  }

  // --- settings

  void only(const Token& token) {
    if (!once(seen_only_, token)) return;
    if (statements_ != 0) {
      wrong_word(token, "must be the first statement", "move this line above all others");
    }
    syntax_.settings.only = true;
    list("a program name", false, [&](const Token& name) {
      if (!program_name(name)) return;
      if (!program_.empty() && name.text == program_) only_names_program_ = true;
      keep(syntax_.only, syntax_.counts.only, name.text);
    });
    end_of_setting();
  }

  void log(const Token& token) {
    const bool first = once(seen_log_, token);
    const int level =
        choice(level_words, "log needs a level", "write log off, error, info or debug");
    if (level >= 0 && first) {
      syntax_.settings.log = static_cast<LogLevel>(level);
      syntax_.settings.log_given = true;
    }
  }

  void ports_setting(const Token& token) {
    constexpr std::string_view words[] = {"kernel", "spread"};
    const bool first = once(seen_ports_, token);
    const int chosen = choice(words, "ports needs a way", "write ports kernel or ports spread");
    if (chosen >= 0 && first) syntax_.settings.ports_spread = chosen == 1;
  }

  void reload(const Token& token) {
    constexpr std::string_view words[] = {"off", "on"};
    const bool first = once(seen_reload_, token);
    const int chosen = choice(words, "reload needs on or off", "write reload on or reload off");
    if (chosen >= 0 && first) syntax_.settings.reload = chosen == 1;
  }

  /// The one word of a setting, as its index in `words`; -1 after an error.
  int choice(std::span<const std::string_view> words, std::string_view none,
             std::string_view hint) {
    if (!at_word()) {
      missing(none, hint);
      return -1;
    }
    const Token token = take();
    const int index = index_of(words, token.text);
    if (index < 0) {
      wrong(token, "unknown value", hint);
      return -1;
    }
    end_of_setting();
    return index;
  }

  void end_of_setting() {
    if (words_.current().kind == Token::end) return;
    wrong(take(), "unexpected",
          at_list_ ? "separate list elements by commas" : "a setting has one value and no clauses");
  }

  /// Reports a clause or setting that is there for the second time.
  bool once(bool& seen, const Token& token) {
    if (seen) wrong_word(token, "is given twice", "write it once");
    return !std::exchange(seen, true);
  }

  // --- rules

  void rule(const Token& word, Action action) {
    rule_ = Rule();
    rule_.line = word.line;
    rule_.action = action;
    clauses_ = {static_cast<uint32_t>(syntax_.counts.destinations), 0,
                static_cast<uint32_t>(syntax_.counts.ports),        0,
                static_cast<uint32_t>(syntax_.counts.programs),     0};
    std::fill(std::begin(seen_clause_), std::end(seen_clause_), false);
    sources_known_ = true;
    if (action == Action::bind) sources();
    while (words_.current().kind != Token::end) clause();
    close_rule(word);
  }

  void close_rule(const Token& word) {
    Counts& counts = syntax_.counts;
    clauses_.destination_count = static_cast<uint32_t>(counts.destinations - clauses_.destinations);
    clauses_.port_count = static_cast<uint32_t>(counts.ports - clauses_.ports);
    clauses_.program_count = static_cast<uint32_t>(counts.programs - clauses_.programs);
    const uint64_t before = combinations_;
    combinations_ +=
        uint64_t{std::max(clauses_.destination_count, 1U)} * std::max(clauses_.port_count, 1U);
    if (combinations_ > combination_limit && before <= combination_limit) {
      wrong_word(word, "makes more combinations of destinations and ports than can be held",
                 "all rules together may have 4194304: use ranges, prefixes or fewer elements");
    }
    if (counts.rules < syntax_.clauses.size()) syntax_.clauses[counts.rules] = clauses_;
    keep(syntax_.rules, counts.rules, rule_);
  }

  void sources() {
    unsigned given = 0;
    while (at_word() && words_.current().clause < 0) {
      // Another word may be a misspelt clause.
      if (given > 0 && words_.current().text.find_first_of(".:[") == std::string_view::npos) break;
      source(take(), given++ % 2);
    }
    if (given == 0) {
      sources_known_ = false;
      missing("bind needs a source address", "write bind 192.0.2.25, bind 2001:db8::25 or both");
    } else if (at_comma()) {
      sources_known_ = false;
      wrong(take(), "unexpected", "the addresses of bind are separated by a blank");
      skip_to_clause();
    }
  }

  /// Most rules have the source addresses of the rule before, in the same places: a word of the
  /// same spelling is not read again.
  void source(const Token& token, unsigned place) {
    KnownSource& known = known_sources_[place];
    if (known.text != token.text) known = {token.text, read_address(token.text)};
    const std::optional<Address>& address = known.address;
    if (!address) {
      sources_known_ = false;
      wrong_word(token, "is not an address", address_hint(token.text));
    } else if (is_wildcard(*address)) {
      sources_known_ = false;
      wrong_word(token, "is the wildcard address", "write the address to send from");
    } else if (is_multicast(*address)) {
      sources_known_ = false;
      wrong_word(token, "is a multicast address", "write the address to send from");
    } else if (is_broadcast(*address)) {
      sources_known_ = false;
      wrong_word(token, "is the broadcast address", "write the address to send from");
    } else if (is_link_local(*address)) {
      sources_known_ = false;
      wrong_word(token, "is a link-local address, which would need a scope",
                 "write a global or unique local address");
    } else if (serves(rule_, address->family)) {
      wrong_word(token, "is a second address of one family",
                 "a rule has one source address of each family");
    } else {
      set_source(rule_, *address);
    }
  }

  void clause() {
    const Token token = take();
    if (token.clause < 0) return unknown_clause(token);
    once(seen_clause_[token.clause], token);
    at_list_ = false;
    switch (token.clause) {
      case 0:
        return list("a destination"sv, true, [&](const Token& element) { destination(element); });
      case 1:
        return list("a port"sv, true, [&](const Token& element) { port(element); });
      case 2:
        return protocol();
      case 3:
        return list("a program name", false, [&](const Token& name) {
          if (program_name(name)) keep(syntax_.programs, syntax_.counts.programs, name.text);
        });
      case 4:
        if (bind_only(token)) rule_.override_program = true;
        return;
      default:
        fallback(token);
    }
  }

  void unknown_clause(const Token& token) {
    const std::string_view word = token.text;
    std::string_view hint = clause_hint;
    for (const std::string_view known : clause_words) {
      if (same_but_for_case(word, known)) hint = "words are written in lower case";
    }
    if (at_list_ && !word.empty() && word[0] == '-') hint = "write a range without blanks: 25-26";
    if (at_list_ && word[0] != '-' && hint == clause_hint && token.kind == Token::word) {
      hint = "separate list elements by commas";
    }
    wrong(token, "unexpected", hint);
    skip_to_clause();
  }

  void skip_to_clause() {
    while (words_.current().kind != Token::end && !(at_word() && words_.current().clause >= 0)) {
      words_.advance();
    }
  }

  bool bind_only(const Token& token) {
    if (rule_.action == Action::bind) return true;
    wrong_word(token, "goes with bind only", "remove it, or make this a bind rule");
    return false;
  }

  void protocol() {
    constexpr std::string_view words[] = {"tcp", "udp", "any"};
    const int chosen = value(words, "proto needs a protocol", "write proto tcp, udp or any");
    if (chosen >= 0) rule_.protocol = static_cast<ProtocolClause>(chosen);
  }

  void fallback(const Token& token) {
    constexpr std::string_view words[] = {"refuse", "direct"};
    const bool allowed = bind_only(token);
    const int chosen = value(words, "else needs a fallback", "write else refuse or else direct");
    if (chosen >= 0 && allowed) rule_.fallback = static_cast<Fallback>(chosen);
  }

  /// The one word of a clause, as its index in `words`; -1 after an error.
  int value(std::span<const std::string_view> words, std::string_view none, std::string_view hint) {
    if (!at_word() || words_.current().clause >= 0) {
      missing(none, hint);
      return -1;
    }
    const Token token = take();
    const int index = index_of(words, token.text);
    if (index < 0) wrong(token, "unknown value", hint);
    return index;
  }

  // --- list elements

  /// Elements separated by commas. `keywords_end`: no element is spelled like a clause.
  template <typename Element>
  void list(std::string_view what, bool keywords_end, Element element) {
    at_list_ = true;
    for (;;) {
      if (at_word() && !(keywords_end && words_.current().clause >= 0)) {
        element(take());
      } else {
        char message[64];
        missing((Text(message) << what << " is missing").view(),
                "list elements stand between commas");
      }
      if (!at_comma()) return;
      take();
    }
  }

  bool program_name(const Token& token) {
    if (is_name(token.text)) return true;
    wrong_word(token, "is not a program name",
               "write the file name of the executable: letters, digits and . _ + -");
    return false;
  }

  void destination(const Token& token) {
    Destination result;
    if (token.text == "any"sv) {
      result.any = true;
    } else if (!prefix(token, result)) {
      return;
    }
    keep(syntax_.destinations, syntax_.counts.destinations, result);
  }

  bool prefix(const Token& token, Destination& result) {
    const Halves halves = split(token.text, '/');
    const std::optional<Address> address = read_address(halves.before);
    if (!address) {
      wrong_word(token, "is not a destination", address_hint(halves.before));
      return false;
    }
    const unsigned most = bits(address->family);
    unsigned length = most;
    if (halves.marked) {
      const bool mapped = address->family == Family::ipv4 && is_mapped_spelling(halves.before);
      const unsigned skipped = mapped ? 96 : 0;
      const long number = read_number(halves.behind, most + skipped);
      if (number < static_cast<long>(skipped)) {
        wrong_length(token, skipped, most + skipped);
        return false;
      }
      length = static_cast<unsigned>(number) - skipped;
    }
    if (first_of(*address, length) != *address) {
      host_bits(token, *address, length);
      return false;
    }
    if (sources_known_ && !serves(rule_, address->family)) {
      wrong_word(token, "is of a family that the rule has no source address for",
                 address->family == Family::ipv4 ? "add an IPv4 address to bind"
                                                 : "add an IPv6 address to bind");
      return false;
    }
    result.first = *address;
    result.length = static_cast<uint8_t>(length);
    return true;
  }

  void wrong_length(const Token& token, unsigned least, unsigned most) {
    Error* error = wrong(token, "wrong prefix length in", "");
    if (error == nullptr) return;
    Text(error->hint) << "write the number of bits, " << uint64_t{least} << " to " << uint64_t{most}
                      << ", behind the slash";
  }

  void host_bits(const Token& token, const Address& address, unsigned length) {
    Error* error = wrong_word(token, "has host bits beyond its prefix length", "");
    if (error == nullptr) return;
    char text[address_text_size];
    Text(error->hint) << "probably meant: " << write_address(first_of(address, length), text) << "/"
                      << uint64_t{length};
  }

  void port(const Token& token) {
    const Halves halves = split(token.text, '-');
    const long low = read_port(halves.before);
    const long high = halves.marked ? read_port(halves.behind) : low;
    if (low < 0 || high < 0) {
      wrong_word(token, "is not a port",
                 "write a number from 1 to 65535, a range such as 25-26, or one of smtp, smtps, "
                 "submissions, submission, lmtp, qmtp, x400");
      return;
    }
    if (halves.marked && (name_port(halves.before) != 0 || name_port(halves.behind) != 0)) {
      wrong_word(token, "is a range of names", "write a range with numbers");
      return;
    }
    if (low > high) {
      Error* error = wrong_word(token, "is a range from high to low", "");
      if (error == nullptr) return;
      Text(error->hint) << "write the low port first: " << static_cast<uint64_t>(high) << "-"
                        << static_cast<uint64_t>(low);
      return;
    }
    keep(syntax_.ports, syntax_.counts.ports,
         {static_cast<uint16_t>(low), static_cast<uint16_t>(high)});
  }

  static uint16_t name_port(std::string_view text) {
    if (text.empty() || text[0] <= '9') return 0;
    for (const Name& name : port_names) {
      if (name.text == text) return name.port;
    }
    return 0;
  }

  static long read_port(std::string_view text) {
    if (const uint16_t named = name_port(text)) return named;
    const long number = read_number(text, 65535);
    return number == 0 ? -1 : number;
  }

  Syntax& syntax_;
  Errors& errors_;
  std::string_view program_;
  bool only_names_program_ = false;

  uint64_t combinations_ = 0;
  uint32_t statements_ = 0;
  uint32_t last_line_ = 1;  // just behind the last word
  uint32_t last_end_ = 1;
  bool seen_only_ = false, seen_log_ = false, seen_ports_ = false, seen_reload_ = false;

  struct KnownSource {
    std::string_view text;
    std::optional<Address> address;
  };
  KnownSource known_sources_[2];  // the last word at each place, and what it reads as

  // the rule that is being read
  Rule rule_;
  Clauses clauses_;
  bool seen_clause_[std::size(clause_words)] = {};
  bool sources_known_ =
      true;               // false after an error in the addresses: no errors that follow from it
  bool at_list_ = false;  // the last clause was a list

  Words words_;  // the last member: it reports bad bytes from its constructor on
};

}  // namespace

namespace {

/// Calls `take` with each part of a text between marks that is not blank.
template <typename Take>
void each_part(std::string_view text, char mark, Take take) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(mark), text.size());
    const size_t begin = text.find_first_not_of(" \t\r");
    if (begin < end) take(std::string_view(text.data() + begin, end - begin));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

Counts at_most(std::string_view text) {
  size_t rules = 1;
  size_t elements = 0;  // of one clause: each rule has it once
  each_part(text, '\n', [&](std::string_view line) {
    if (line[0] == '#') return;
    each_part({line.data(), std::min(line.find('#'), line.size())}, ';', [&](std::string_view statement) {
      ++rules;
      each_part(statement, ',', [&](std::string_view) { ++elements; });
    });
  });
  // What is more than these is an error anyhow.
  rules = std::min(rules, text.size() / std::string_view("refuse").size() + 1);
  elements = std::min<size_t>(elements, combination_limit) + rules;
  return {rules, elements, elements, elements, elements};
}

void parse(std::string_view text, Syntax& syntax, Errors& errors) {
  syntax.settings = {};
  syntax.counts = {};
  errors.count = 0;
  if (text.size() > text_limit) {
    errors.count = 1;
    errors.list[0] = {};
    Text(errors.list[0].message) << "larger than 16 MiB";
    Text(errors.list[0].hint) << "use prefixes and port ranges";
    return;
  }
  Parser parser(text, syntax, errors, {});
  while (parser.statement()) {
  }
  parser.require_a_rule();
}

bool spares(std::string_view text, std::string_view program, Errors& errors) {
  Syntax syntax;
  errors.count = 0;
  Parser parser({text.data(), std::min(text.size(), text_limit)}, syntax, errors, program);
  return parser.statement() && errors.count == 0 && syntax.settings.only &&
         !parser.only_names_program();
}

}  // namespace clusterbind
