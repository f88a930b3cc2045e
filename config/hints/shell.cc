// What belongs to a shell, or to a unit of systemd, around rules.
#include <algorithm>

#include "config/hints/kinds.h"

namespace clusterbind::hints {
namespace {

bool is_quote(char c) {
  return c == '"' || c == '\'';
}

/// Whether a rule begins at a byte of a text: a word of an action, with a blank after it.
bool is_rule_at(std::string_view text, size_t at) {
  const std::string_view rest = text.substr(at);
  const size_t end = rest.find_first_of(" \t;\"'\n");
  return is_action(rest.substr(0, end));
}

}  // namespace

// `CLUSTERBIND_RULES="bind 192.0.2.25"`, `clusterbind-run -r 'bind 192.0.2.25' exim4`,
// `Environment=CLUSTERBIND_RULES=...`, `echo "bind 192.0.2.25" > /etc/clusterbind.conf`.
Found quoted_rules(const Place& place) {
  if (place.words.empty() || place.begin != place.code.from) return {};
  if (index_of_word(statement_words, place.at_word(0)) >= 0) return {};
  const std::string_view text = place.text;
  size_t first = place.code.from + 1;
  for (; first <= place.code.to; ++first) {
    const char c = text[first - 1];
    // The rules may begin in the line after the quote.
    const size_t rule = std::min(text.find_first_not_of(" \t\r\n", first), text.size());
    const std::string_view head = text.substr(place.code.from, first - 1 - place.code.from);
    const bool opens = is_quote(c) && std::count(head.begin(), head.end(), c) % 2 == 0;
    if ((opens && is_rule_at(text, rule)) || (c == '=' && is_rule_at(text, first))) break;
  }
  // Quotes around words alone are another mistake.
  if (first > place.code.to || first == place.word(0).at + 1) return {};
  size_t close = place.code.to;
  size_t end = place.line.to;
  if (is_quote(text[first - 1])) {
    close = std::min(text.find(text[first - 1], first), text.size());
    end = std::min(text.find('\n', close), text.size());
  }
  std::string rules(text.substr(first, close - first));
  while (!rules.empty() && (is_quote(rules.back()) || rules.back() <= ' ')) rules.pop_back();
  rules.erase(0, std::min(rules.find_first_not_of(" \t\r\n"), rules.size()));
  Repair repair = before("the rules themselves, without what is around them");
  repair.replace(Span{place.code.from, end}, rules);
  repair.may_move = true;
  repair.is_foreign = true;
  return repair;
}

// `cat > /etc/clusterbind.conf << EOF`, `if [ ... ]; then`, and the line that ends it.
Found here_document(const Place& place) {
  const std::string_view code = place.text.substr(place.code.from, place.code.to - place.code.from);
  const size_t mark = code.find("<<");
  std::string name;
  if (mark != code.npos && mark != 0) {
    name = code.substr(std::min(code.find_first_not_of("<-\"' ", mark), code.size()));
    name.erase(std::min(name.find_first_of("\"' >"), name.size()));
  }
  if (place.at_word(0) == "if" && code.ends_with("then")) name = "fi";
  if (name.empty()) return {};
  Repair repair = say("no shell here: remove this line, and the line " + name);
  remove_line(repair, place.text, place.line);
  for (Span line = next_line(place.text, place.line); line.from < place.text.size();
       line = next_line(place.text, line)) {
    if (place.text.substr(line.from, line.to - line.from) != name) continue;
    remove_line(repair, place.text, line);
    break;
  }
  return repair;
}

}  // namespace clusterbind::hints
