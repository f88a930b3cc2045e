// What other configuration files have, and rule files have not.
#include <algorithm>
#include <iterator>

#include "config/hints/kinds.h"
#include "config/hints/vocabulary.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

constexpr std::string_view comment_marks[] = {"//", "--", "/*", "!", ";", "%", "*/", "::", "<!--"};

std::string_view mark_of(std::string_view word) {
  for (const std::string_view mark : comment_marks) {
    if (word.starts_with(mark)) return mark;
  }
  const std::string name = lower(word);
  return name == "rem" || name == "dnl" || name == "note:" || name == "comment:"
             ? word
             : std::string_view();
}

/// A word such as !10.0.0.0/8 is a negation, and ::1 is an address.
bool is_comment(std::string_view word) {
  const std::string_view mark = mark_of(word);
  if (mark.empty()) return false;
  const std::string_view rest = word.substr(mark.size());
  if (mark == "!" || mark == "::") return rest.empty();
  return mark != "--" || rest.empty() || rest.find_first_not_of('-') == rest.npos;
}

bool is_identifier(std::string_view word) {
  return !word.empty() && !is_digit(word[0]) && std::all_of(word.begin(), word.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '-';
  });
}

/// A definition: `NAME = VALUE`, `define NAME VALUE` and the like.
struct Definition {
  std::string_view name;
  std::string value;
};

std::optional<Definition> definition_in(std::string_view statement) {
  const auto words = words_of(statement, {0, statement.size()});
  if (words.empty()) return {};
  constexpr std::string_view definers[] = {"define",  "set",   "export", "let", "var",     "const",
                                           "declare", "local", "table",  "acl", "hostlist"};
  const bool is_marked =
      std::find(std::begin(definers), std::end(definers), words[0].text) != std::end(definers);
  size_t from = is_marked ? (words.size() > 1 ? words[1].at : statement.size()) : words[0].at;
  const std::string_view marks = "<$@+";
  if (from < statement.size() && marks.find(statement[from]) != marks.npos) ++from;
  const std::string_view rest = statement.substr(from);
  const size_t name_end = rest.find_first_of(" \t=:>");
  if (name_end == rest.npos || !is_identifier(rest.substr(0, name_end))) return {};
  // `set log debug` and `bind = 192.0.2.25` are no variables.
  const std::string_view name = rest.substr(0, name_end);
  const bool is_capital = lower(name) != name;
  if (!meant_by(0, name).empty() || (!is_capital && !meant_by(1, name).empty())) return {};
  const size_t equals = rest.find_first_not_of(" \t>", name_end);
  if (equals == rest.npos) return {};
  const bool has_mark = rest[equals] == '=' || rest.substr(equals).starts_with(":=");
  if (!has_mark && !is_marked) return {};
  const size_t value = has_mark ? rest.find_first_not_of(" \t=:", equals) : equals;
  std::string text(value == rest.npos ? std::string_view() : rest.substr(value));
  std::erase_if(
      text, [](char c) { return std::string_view("\"'{}[]").find(c) != std::string_view::npos; });
  while (text.ends_with(' ') || text.ends_with('\t')) text.pop_back();
  text.erase(0, std::min(text.find_first_not_of(" \t"), text.size()));
  // A set without commas, or a list of Exim.
  for (size_t at = text.find(" : "); at != text.npos; at = text.find(" : ")) text.erase(at, 2);
  if (text.find(',') == text.npos && read_prefix(text.substr(0, text.find(' '))).address) {
    std::string list;
    for (const Word& word : words_of(text, {0, text.size()})) {
      list += (list.empty() ? "" : ", ") + std::string(word.text);
    }
    text = list;
  }
  return Definition{name, text};
}

/// Replaces every use of a variable by its value; the number of uses.
size_t replace_uses(Repair& repair, std::string_view text, const Definition& one) {
  size_t uses = 0;
  const std::string name(one.name);
  const std::string_view marks = "$<@+";
  for (size_t at = text.find_first_of(marks); at != text.npos;
       at = text.find_first_of(marks, at + 1)) {
    // The `<name>` that defines a table of pf.conf(5) is taken away with its line.
    if (&text[at] + 1 == one.name.data()) continue;
    for (const std::string& form : {"${" + name + "}", "$(" + name + ")", "$" + name,
                                    "<" + name + ">", "@" + name, "+" + name}) {
      if (!text.substr(at).starts_with(form)) continue;
      const size_t end = at + form.size();
      const bool goes_on = form.back() != '}' && form.back() != ')' && form.back() != '>' &&
                           end < text.size() &&
                           (is_letter(text[end]) || is_digit(text[end]) || text[end] == '_');
      if (goes_on) continue;
      repair.replace(Span{at, end}, one.value);
      ++uses;
      break;
    }
  }
  if (uses != 0) return uses;
  // `define(VIP, ...)`, and lists of bind(5): the name alone.
  for (Span line = line_around(text, 0); line.from < text.size(); line = next_line(text, line)) {
    const auto words = words_of(text, code_of(text, line));
    for (size_t i = 1; i < words.size(); ++i) {
      if (words[i].text != name || words[i].text.data() == one.name.data()) continue;
      repair.replace(words[i], one.value);
      ++uses;
    }
  }
  return uses;
}

/// The place of the bracket that closes the one at `open`; npos where there is none.
size_t close_of(std::string_view text, size_t open) {
  size_t depth = 0;
  for (size_t at = open; at < text.size(); ++at) {
    if (text[at] == '(' || text[at] == '{') ++depth;
    if ((text[at] == ')' || text[at] == '}') && --depth == 0) return at;
  }
  return text.npos;
}

/// Whether a line has an address, with a mark before it or not.
bool has_address(const Place& place) {
  const auto words = words_of(place.text, place.code);
  return std::any_of(words.begin(), words.end(), [](const Word& one) {
    const size_t first = std::min(one.text.find_first_of("0123456789:"), one.text.size());
    const size_t length = one.text.substr(first).find_first_not_of("0123456789abcdef.:");
    return read_address(one.text.substr(first, length)).has_value();
  });
}

Span find_line(std::string_view text, Span line, std::string_view beginning) {
  while (line.from < text.size()) {
    if (text.substr(line.from).starts_with(beginning)) return line;
    line = next_line(text, line);
  }
  return {text.size(), text.size()};
}

}  // namespace

Found merge_conflict(const Place& place) {
  constexpr std::string_view ours = "<<<<<<<", middle = "=======", theirs = ">>>>>>>";
  const std::string_view word = place.at_word(0);
  if (!word.starts_with(ours) && !word.starts_with(middle) && !word.starts_with(theirs) &&
      !word.starts_with("|||||||")) {
    return {};
  }
  Repair repair =
      say("a merge conflict: keep one of the two sides, remove the other and the lines <<<<<<<, "
          "======= and >>>>>>>");
  repair.is_sure = true;
  repair.replace(Span{place.line.from, std::min(place.line.to + 1, place.text.size())}, "");
  if (!word.starts_with(ours)) return repair;
  const Span end = find_line(place.text, place.line, theirs);
  Span other = find_line(place.text, place.line, "|||||||");
  if (other.from >= end.from) other = find_line(place.text, place.line, middle);
  if (end.to < place.text.size() || end.from < place.text.size()) {
    repair.replace(Span{other.from, std::min(end.to + 1, place.text.size())}, "");
  }
  return repair;
}

Found comment(const Place& place) {
  size_t i = 0;
  while (i < place.words.size() && !(is_comment(place.at_word(i)) && place.at_word(i) != "!")) ++i;
  if (i == place.words.size()) {
    if (place.at_word(0) != "!") return {};
    i = 0;
  }
  if (place.word(i).end() < place.at) return {};
  const std::string_view mark = mark_of(place.at_word(i));
  if (mark == "--" && i != 0 && place.clause_of(i) == Clause::port &&
      place.word(i).end() < place.end) {
    const std::string_view next = place.at_word(i + 1);
    if (is_number(next)) return {};
  }
  Repair repair = before("comments begin with #");
  const size_t at = place.word(i).at;
  repair.replace(Span{at, at + mark.size()}, place.word(i).text.size() == mark.size() ? "#" : "# ");
  repair.show(at, place.end);
  repair.may_move = true;
  if (mark != "/*") return repair;
  // To the line that ends it.
  const size_t close = place.text.find("*/", at);
  for (Span line = place.line;
       line.to < close && line.to < place.text.size() && close != place.text.npos;) {
    line = next_line(place.text, line);
    repair.insert(line.from, "# ");
  }
  return repair;
}

// A statement after `;` that is none: `direct ; partner`.
Found comment_behind_semicolon(const Place& place) {
  if (place.hint != Hint::statement || place.index != 0 || place.begin == place.code.from) {
    return {};
  }
  Repair repair = before("`;` ends a statement, comments begin with #");
  repair.replace(Span{place.begin - 1, place.begin}, "#");
  repair.show(place.begin - 1, place.code.to);
  return repair;
}

Found section(const Place& place) {
  const std::string_view first = place.at_word(0);
  if (place.index != 0 || place.words.empty()) return {};
  const std::string_view last = place.words.back().text;
  const bool is_mark =
      place.words.size() == 1 &&
      is_one_of(first, {"EOF", "END", "EOT", "COMMIT", "---", "...", "*nat", "*filter", "*mangle",
                        "*raw", "fi", "done", "esac", "```", "exit", "end"});
  // nft(8)
  const bool is_chain =
      (is_one_of(first, {"table", "chain"}) && last == "{" && place.at_word(1)[0] != '<') ||
      (first == "type" && place.at_word(2) == "hook") ||
      (first == "flush" && place.words.size() < 5);
  const bool opens = first.starts_with('[') || first.starts_with('<') || first.starts_with(":");
  if (!is_mark && !is_chain && (!opens || (!last.ends_with(']') && !last.ends_with('>')))) {
    return {};
  }
  Repair repair = say(is_mark || is_chain ? "not of a rule file: remove the line"
                                          : "there are no sections: remove the line");
  repair.is_foreign = true;
  if (is_chain) {
    remove_line(repair, place.text, place.line);
  } else {
    remove_statement(repair, place);
  }
  return repair;
}

Found include(const Place& place) {
  if (place.hint != Hint::statement || place.index != 0) return {};
  std::string word = lower(place.at_word(0));
  while (!word.empty() && !is_letter(word[0])) word.erase(0, 1);
  const std::string_view what = place.at_word(1);
  const bool is_file = what.find('/') != what.npos || what.ends_with(".conf");
  const bool reads = word.starts_with("include") || word.starts_with("import") ||
                     word == "require" || word == "conf-file" ||
                     ((word == "source" || word == "load" || place.at_word(0) == ".") && is_file);
  if (!reads) return {};
  Repair repair = say("there is one file, nothing is included: write its rules here");
  remove_statement(repair, place);
  return repair;
}

// `This file is managed by others`.
Found prose(const Place& place) {
  if (place.hint != Hint::statement || place.index != 0 || place.words.size() < 3) return {};
  for (const Word& word : place.words) {
    const size_t mark = word.text.find_first_of("0123456789:=/[](){}<>$@|");
    const bool is_last = word.end() == place.words.back().end();
    if (mark != word.text.npos || (word.text.find('.') != word.text.npos && !is_last)) return {};
  }
  Repair repair = before("comments begin with #");
  repair.insert(place.word(0).at, "# ");
  repair.is_foreign = true;
  return repair.show(place.word(0).at, place.words.back().end());
}

Found definition(const Place& place) {
  if (place.hint != Hint::statement || place.index != 0) return {};
  // The list of an `acl { 10.0.0.0/8; }` goes on after the semicolon.
  const bool is_whole = place.at_word(0) == "acl" && place.begin == place.code.from;
  const size_t end = is_whole ? place.code.to : place.end;
  std::string_view statement = place.text.substr(place.begin, end - place.begin);
  const auto found = definition_in(statement);
  if (!found) return {};
  Repair repair;
  const size_t uses = replace_uses(repair, place.text, *found);
  if (uses == 0 && has_address(place)) return {};  // not to be lost
  repair.sentence = "there are no variables: ";
  repair.sentence += uses == 0 ? "remove the line"
                               : "write " + found->value + " where $" + std::string(found->name) +
                                     " stands, and remove the line";
  repair.is_sure = uses != 0;
  repair.is_foreign = uses == 0;
  if (is_whole) {
    remove_line(repair, place.text, place.line);
  } else {
    remove_statement(repair, place);
  }
  return repair;
}

Found variable(const Place& place) {
  const std::string_view word = place.wrong();
  const bool is_template = word.find("{{") != word.npos ||
                           (word.size() > 2 && word[0] == '%' && word.back() == '%') ||
                           (word.size() > 2 && word[0] == '@' && word.back() == '@');
  if (word.starts_with("{{") && word.find("}}") == word.npos) {
    const size_t close = place.text.find("}}", place.at);
    if (close >= place.line.to) return {};
    return say("a template that was not filled in: write the value in place of " +
               std::string(place.text.substr(place.at, close + 2 - place.at)));
  }
  const size_t dollar = word.find('$');
  // What a program puts there: `$(hostname -I)`, `${lookup{$domain}lsearch{/etc/ips}}`.
  const size_t tick = place.index == 0 ? word.npos : word.find('`');
  const std::string_view rest = place.text.substr(place.at, place.line.to - place.at);
  const size_t open = std::min(tick, rest.find_first_of("({", std::min(dollar, word.size())));
  const size_t close =
      tick == word.npos && open < word.size() ? close_of(rest, open) : rest.find('`', tick + 1);
  if (open < word.size() && close < rest.size() && close >= word.size()) {
    const std::string expression(rest.substr(0, close + 1));
    Repair repair = say("nothing is run or looked up: write the value in place of " + expression);
    const bool is_port = place.hint == Hint::port;
    repair.stand_in = {{place.at, expression.size(), is_port ? "1" : "192.0.2.1"}};
    return repair;
  }
  const bool is_table = word.size() > 2 && word[0] == '<' && word.back() == '>';
  if (word == "$" || (!is_template && !is_table && dollar == word.npos)) return {};
  std::string_view name = dollar == word.npos ? word : word.substr(dollar + 1);
  const size_t first = name.find_first_not_of("{(%@<");
  name = name.substr(std::min(first, name.size()));
  name = name.substr(0, name.find_first_of("})%@/:>"));
  for (Span line = line_around(place.text, 0); line.from < place.text.size();
       line = next_line(place.text, line)) {
    const Span code = code_of(place.text, line);
    const auto found = definition_in(place.text.substr(code.from, code.to - code.from));
    if (!found || found->name != name) continue;
    Repair repair = say("there are no variables: write " + found->value);
    replace_uses(repair, place.text, *found);
    remove_line(repair, place.text, line);
    repair.is_sure = true;
    return repair;
  }
  if (is_table) return {};
  return say("there are no variables: write the value itself in place of " + std::string(word));
}

// What no other kind knows.
Found unknown_line(const Place& place) {
  const bool is_line = place.begin == place.code.from && place.index == 0;
  if (place.hint != Hint::statement || !is_line || place.words.empty()) return {};
  Repair repair = say(
      "unknown: put # before it, or begin with bind, direct, refuse, only, log, ports or reload");
  repair.insert(place.word(0).at, "# ");
  repair.is_foreign = true;
  return repair;
}

}  // namespace clusterbind::hints
