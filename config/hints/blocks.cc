// Rules as names and values, as YAML, JSON, TOML and INI files have them.
#include <algorithm>

#include "config/hints/kinds.h"
#include "config/hints/vocabulary.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

bool is_quote(char c) {
  return c == '"' || c == '\'';
}

/// Whether a text begins with bind, direct or refuse.
bool is_rule(std::string_view text) {
  return is_action(text.substr(0, text.find_first_of(" \t;")));
}

/// A name and what stands after it.
struct Entry {
  std::string name;  // in lower case
  std::vector<std::string> values;
  bool begins = false;  // a list item, or an object
};

/// Reads entries from a place of a text on, as long as there are any.
class Entries {
 public:
  Entries(std::string_view text, size_t at) : text_(text), at_(at), end_(at) {}

  bool next(Entry& entry) {
    entry = {};
    skip_marks(entry);
    entry.name = lower(name());
    skip_blanks();
    if (entry.name.empty() || (peek() != ':' && peek() != '=')) return false;
    separator_ = peek();
    while (peek() == ':' || peek() == '=' || peek() == '>') ++at_;
    skip_blanks();
    if (peek() == '[') {
      list(entry);
    } else if (peek() == '\n' || peek() == '\0' || peek() == '#' || peek() == '{') {
      items(entry);
    } else {
      scalar(entry);
    }
    end_ = at_;
    return true;
  }

  /// Behind the last entry, and the marks that close it.
  size_t end() const {
    size_t end = end_;
    for (size_t at = end; at < text_.size(); ++at) {
      const char c = text_[at];
      if (c == '}' || c == ']' || c == ',' || c == ';') end = at + 1;
      if (end <= at && !is_blank(c) && c != '\n') break;
    }
    return end;
  }

  char separator() const { return separator_; }
  bool has_list() const { return has_list_; }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_blanks() {
    while (is_blank(peek())) ++at_;
  }

  void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  void skip_marks(Entry& entry) {
    for (; at_ < text_.size(); ++at_) {
      const char c = peek();
      const bool is_item = c == '-' && (at_ + 1 == text_.size() || text_[at_ + 1] == ' ');
      if (is_item || c == '{') entry.begins = true;
      if (c == '#') skip_line();
      if (is_blank(peek()) || is_item ||
          is_one_of({&text_[std::min(at_, text_.size() - 1)], 1},
                    {"\n", ",", ";", "{", "}", "[", "]", "#"})) {
        continue;
      }
      return;
    }
  }

  std::string_view quoted() {
    const size_t first = at_ + 1;
    const size_t close = std::min(text_.find(peek(), first), text_.size());
    at_ = std::min(close + 1, text_.size());
    return text_.substr(first, close - first);
  }

  std::string_view name() {
    if (is_quote(peek())) return quoted();
    const size_t first = at_;
    while (is_letter(peek()) || is_digit(peek()) || is_one_of({&text_[at_], 1}, {"_", "-", "."})) {
      ++at_;
    }
    const std::string_view word = text_.substr(first, at_ - first);
    if (word.empty() || is_digit(word[0])) return {};
    return word.substr(word.rfind('.') + 1);  // `bind.port`
  }

  void list(Entry& entry) {
    has_list_ = true;
    for (++at_; at_ < text_.size() && peek() != ']';) {
      if (is_quote(peek())) {
        entry.values.emplace_back(quoted());
      } else if (is_blank(peek()) || peek() == ',' || peek() == '\n') {
        ++at_;
      } else {
        const size_t first = at_;
        at_ = std::min(text_.find_first_of(" \t\r\n,]", at_), text_.size());
        entry.values.emplace_back(text_.substr(first, at_ - first));
      }
    }
    if (peek() == ']') ++at_;
  }

  /// Lines of `- value` below the name.
  void items(Entry& entry) {
    for (;;) {
      const size_t line_end = std::min(text_.find('\n', at_), text_.size());
      const size_t mark = text_.find_first_not_of(" \t\r\n", line_end);
      if (mark == text_.npos || !text_.substr(mark).starts_with("- ")) return;
      const Span line = line_around(text_, mark);
      const Span code = code_of(text_, line);
      std::string_view value = text_.substr(mark + 2, std::max(code.to, mark + 2) - mark - 2);
      const size_t colon = value.find_first_of(":=");
      const bool is_entry = colon != value.npos && !is_rule(value) &&
                            (colon + 1 == value.size() || is_blank(value[colon + 1]));
      if (is_entry) return;
      while (!value.empty() && (is_quote(value.front()) || is_blank(value.front()))) {
        value.remove_prefix(1);
      }
      while (!value.empty() && (is_quote(value.back()) || is_blank(value.back()))) {
        value.remove_suffix(1);
      }
      entry.values.emplace_back(value);
      at_ = line.to;
    }
  }

  void scalar(Entry& entry) {
    if (is_quote(peek())) {
      entry.values.emplace_back(quoted());
      return;
    }
    if (peek() == '<' && at_ + 1 < text_.size()) return marked_list(entry);
    const size_t first = at_;
    for (; at_ < text_.size(); ++at_) {
      const char c = peek();
      if (c == '\n' || c == '}' || c == ';' || c == '#' || (c == ',' && is_name_behind())) break;
    }
    std::string value(text_.substr(first, at_ - first));
    while (!value.empty() && (is_blank(value.back()) || value.back() == ',')) value.pop_back();
    entry.values.push_back(value);
  }

  /// `<; 192.0.2.25 ; 2001:db8::25`, as Exim has it: the character after < separates.
  void marked_list(Entry& entry) {
    has_list_ = true;
    const char mark = text_[at_ + 1];
    const size_t first = at_ + 2;
    skip_line();
    std::string list(text_.substr(first, std::max(at_, first) - first));
    std::replace(list.begin(), list.end(), mark, ' ');
    for (const Word& word : words_of(list, {0, list.size()})) entry.values.emplace_back(word.text);
  }

  /// Whether a comma ends the value, because a name follows it.
  bool is_name_behind() const {
    Entries rest(text_, at_ + 1);
    rest.skip_blanks();
    const bool is_quoted = is_quote(rest.peek());
    const std::string_view word = rest.name();
    rest.skip_blanks();
    return is_quoted || (!word.empty() && (rest.peek() == ':' || rest.peek() == '=')) ||
           rest.peek() == '\n';
  }

  std::string_view text_;
  size_t at_, end_;
  char separator_ = ':';
  bool has_list_ = false;
};

std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ", ") + value;
  return text;
}

/// A rule, put together from entries.
struct Rule {
  std::string action, source, clauses[std::size(clause_words)];

  bool is_empty() const { return action.empty() && source.empty() && clauses[0].empty(); }

  std::string text() const {
    std::string out = action.empty() ? "bind" : action;
    if (!source.empty()) out += " " + source;
    if (out.starts_with("bind") && clauses[0].empty()) out += " to any";
    for (size_t i = 0; i < std::size(clause_words); ++i) {
      if (clauses[i].empty()) continue;
      out += " " + std::string(clause_words[i]);
      if (static_cast<Clause>(i) != Clause::override_program) out += " " + clauses[i];
    }
    return out;
  }
};

/// The statements that a block of entries stands for.
class Block {
 public:
  void take(const Entry& entry) {
    const std::string value = joined(entry.values);
    if (entry.begins || value.empty()) finish();
    if (is_one_of(entry.name, {"action", "verdict", "type", "target"})) {
      const std::string_view action = meant_by(0, value);
      if (!action.empty()) rule_.action = action;
      return;
    }
    if (!value.empty() && is_rule(entry.values[0])) {
      for (const std::string& rule : entry.values) statements_.push_back(rule);
      has_rules_ = true;
      return;
    }
    const auto statement =
        static_cast<Statement>(index_of_word(statement_words, meant_by(0, entry.name)));
    const std::string_view first = std::string_view(value).substr(0, value.find_first_of(" ,"));
    if (statement == Statement::bind && entry.name != "bind" && !value.empty() &&
        !read_address(first.substr(0, first.find('/')))) {
      lost_ = entry.name;  // `inet_interfaces = all`
      return;
    }
    if (statement == Statement::bind || is_one_of(entry.name, {"address", "addr", "ip"})) {
      if (!rule_.source.empty() && !value.empty()) finish();
      rule_.source = value;
    } else if (is_one_of(entry.name, {"except", "exclude"})) {
      statements_.push_back("direct to " + value);
    } else if (statement == Statement::direct || statement == Statement::refuse) {
      finish();
      rule_.action = meant_by(0, entry.name);
      rule_.clauses[0] = value;
    } else if (const int clause = index_of_word(clause_words, meant_by(1, entry.name));
               clause >= 0) {
      rule_.clauses[clause] = value;
    } else if (statement == Statement::log || statement == Statement::reload) {
      statements_.push_back(std::string(word_of(statement_words, statement)) + " " + value);
    } else if (statement == Statement::only) {
      statements_.insert(statements_.begin(), "only " + value);
    } else if (!value.empty() && !is_one_of(entry.name, {"name", "id", "description", "comment",
                                                         "version", "driver", "mode", "enabled"})) {
      lost_ = entry.name;
    }
  }

  void finish() {
    if (!rule_.is_empty()) statements_.push_back(rule_.text());
    rule_ = {};
  }

  bool has_rules() const { return has_rules_; }

  /// A name that says something that no rule can say; empty where there is none.
  const std::string& lost() const { return lost_; }

  std::string text() const {
    std::string out;
    for (const std::string& one : statements_) out += (out.empty() ? "" : "\n") + one;
    return out;
  }

 private:
  Rule rule_;
  std::vector<std::string> statements_;
  std::string lost_;
  bool has_rules_ = false;
};

}  // namespace

// `bind:` and lines of `name: value`, `{"bind": "192.0.2.25", "port": 25}`, `port = 25`.
Found names_and_values(const Place& place) {
  if (place.index > 1 || place.begin != place.code.from || place.words.empty()) return {};
  size_t from = place.word(0).at;
  // A section before them.
  if (place.at_word(0).starts_with("[[")) from = next_line(place.text, place.line).from;
  Entries entries(place.text, from);
  Block block;
  size_t count = 0;
  const bool is_json = place.at_word(0).starts_with('{') ||
                       (place.at_word(0).starts_with('[') && from == place.word(0).at) ||
                       place.at_word(0).starts_with('"');
  for (Entry entry; entries.next(entry); ++count) {
    block.take(entry);
    for (const char* mark : {"$", "${"}) {
      std::string use = mark + entry.name;
      if (lower(place.text).find(use) != std::string::npos) return {};  // a variable
    }
  }
  block.finish();
  const bool is_assignment = count == 1 && entries.separator() == '=' && !entries.has_list();
  if (is_assignment) return {};  // quoted_rules() knows better
  if (count < 2 && !block.has_rules() && !place.at_word(0).starts_with('{')) return {};
  const std::string text = block.text();
  const size_t source = text.find(' ') + 1;
  const bool has_source =
      text.starts_with("bind ") &&
      read_address(text.substr(source, text.find_first_of(" ,", source) - source)).has_value();
  const bool is_right = errors_in(text)->count == 0;
  if (text.empty() || (!is_right && !has_source)) return {};
  Repair repair =
      before(is_json                      ? "not JSON"
             : entries.separator() == ':' ? "not YAML"
                                          : "a rule is a line of words, without names and =");
  repair.replace(Span{place.word(0).at, entries.end()}, text);
  repair.is_sure = is_right;
  repair.may_move = true;
  repair.whole_statement = !repair.is_sure;
  repair.is_foreign = true;
  if (!block.lost().empty()) {
    repair.sentence = repair.before + ": write `" + text + "`; no rule has " + block.lost();
    repair.stand_in = std::move(repair.edits);
    repair.edits.clear();
  }
  return repair;
}

}  // namespace clusterbind::hints
