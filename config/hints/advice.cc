// Finds the kind of a mistake, tries its repair, and puts it into words.
#include "config/hints/advice.h"

#include <algorithm>

#include "config/hints/general.h"
#include "config/hints/kinds.h"
#include "config/utf8.h"

namespace clusterbind {
namespace hints {
namespace {

// The first that helps is told. What concerns single characters comes first, guesses come last.
constexpr Kind kinds[] = {utf_16,
                          merge_conflict,
                          control_bytes,
                          without_a_rule,
                          foreign_characters,
                          names_and_values,
                          quoted_rules,
                          here_document,
                          include,
                          definition,
                          variable,
                          quotes,
                          both_protocols,
                          repeated_clause,
                          repeated_setting,
                          second_source,
                          rest_of_setting,
                          only_first,
                          bind_only,
                          bind_to_source,
                          second_statement,
                          continuation,
                          unfinished_list,
                          following_line,
                          packet_filter,
                          braces,
                          section,
                          comment,
                          marks_behind_words,
                          negation,
                          address_and_port,
                          split_prefix,
                          comparison,
                          split_range,
                          split_address_range,
                          commas_for_points,
                          arrow,
                          brackets,
                          upper_case,
                          noise,
                          value_alone,
                          ports_of_rule,
                          semicolon_in_list,
                          order,
                          source_first,
                          dots,
                          extra_comma,
                          missing_value,
                          source_label,
                          only_in_rule,
                          absent_clause,
                          filler,
                          announcement,
                          value_of_override,
                          port_in_destinations,
                          address,
                          port,
                          other_separator,
                          program,
                          glued_word,
                          sources_without_comma,
                          other_value,
                          other_word,
                          misspelt,
                          missing_word,
                          second_value,
                          missing_comma,
                          comment_behind_semicolon,
                          prose,
                          not_an_address,
                          unknown_line};

/// How much of a text is read again to try a repair: the statement, and what follows.
constexpr size_t window_most = 4096;
constexpr size_t shown_most = 100;  // bytes
constexpr size_t hint_most = 150;

/// The errors of a part of a text, as the bytes that are left after each.
std::vector<size_t> bytes_left(const std::string& text) {
  std::vector<size_t> left;
  const auto errors = errors_in(text);
  for (const Error& error : errors->shown()) left.push_back(text.size() - Place(text, error).at);
  return left;
}

/// Whether a repair leaves fewer errors, or the next one further on: after the changes, or, where
/// the kind allows it, after the old one.
bool helps(const Place& place, const Repair& repair) {
  if (repair.is_sure) return true;
  size_t from = place.begin;
  size_t to = place.line.to;
  for (const Edit& edit : repair.edits) {
    from = std::min(from, edit.at);
    to = std::max(to, edit.at + edit.length);
  }
  size_t changed = from;
  for (const Edit& edit : repair.edits) changed = std::max(changed, edit.at + edit.length);
  from = std::min(from, line_around(place.text, from).from);
  const size_t end = std::min(place.text.size(), to + window_most);
  to = end == place.text.size() ? end : std::max(to, line_around(place.text, end).from);
  const std::string old(place.text.substr(from, to - from));
  std::vector<Edit> edits = repair.edits;
  for (Edit& edit : edits) edit.at -= from;
  const std::string rule = "\ndirect\n";
  const auto before = bytes_left(old + rule);
  const auto after = bytes_left(with_edits(old, edits) + rule);
  const size_t left = old.size() + rule.size() - (place.at - from);
  const auto ours =
      std::find_if(before.begin(), before.end(), [=](size_t one) { return one <= left; });
  const auto index = static_cast<size_t>(ours - before.begin());
  if (after.size() < before.size() || index >= after.size()) return true;
  const size_t limit = old.size() + rule.size() - (changed - from);
  if (!repair.may_move) return after[index] <= limit && after[index] < left;
  // Words that go, or come, after the error do not move it.
  size_t unmoved = left;
  for (const Edit& edit : repair.edits) {
    if (edit.at >= place.at + place.length) unmoved += edit.text.size() - edit.length;
  }
  return after[index] < unmoved;
}

/// A text as one line for a terminal, cut where it is too long.
std::string printed(std::string_view text, size_t most) {
  std::string out;
  while (!text.empty()) {
    if (out.size() > most) return out + "...";
    const size_t length = printable_length(text);
    if (text[0] == '\n') {
      if (!out.ends_with("; ")) out += "; ";
      text.remove_prefix(std::min(text.find_first_not_of(" \t\n"), text.size()));
      continue;
    }
    out += length == 0 ? (text[0] == '\t' ? " " : "?") : std::string(text.substr(0, length));
    text.remove_prefix(std::max<size_t>(utf8_length(text), 1));
  }
  return out;
}

/// In the quotes of code if it has blanks.
std::string displayed(std::string_view text) {
  const std::string out = printed(text, shown_most);
  return out.find(' ') == out.npos ? out : "`" + out + "`";
}

/// The span that the hint shows: the words that change, where the kind does not say.
Span shown(const Place& place, const Repair& repair) {
  if (repair.shown.to != 0) return repair.shown;
  Span span = {place.text.size(), 0};
  for (const Edit& edit : repair.edits) {
    span.from = std::min(span.from, edit.at);
    span.to = std::max(span.to, edit.at + edit.length);
  }
  for (const Word& word : place.words) {
    if (word.at <= span.from && span.from < word.end()) span.from = word.at;
    if (word.at < span.to && span.to <= word.end()) span.to = word.end();
  }
  return span;
}

std::string after_edits(const Place& place, const Repair& repair, Span span) {
  std::vector<Edit> edits;
  for (const Edit& edit : repair.edits) {
    if (edit.at < span.from || edit.at + edit.length > span.to) continue;
    edits.push_back({edit.at - span.from, edit.length, edit.text});
  }
  std::string text = with_edits(place.text.substr(span.from, span.to - span.from), edits);
  const size_t first = text.find_first_not_of(" \t\n");
  text.erase(0, std::min(first, text.size()));
  while (text.ends_with(' ') || text.ends_with('\t') || text.ends_with('\n')) text.pop_back();
  return text;
}

std::string sentence(const Place& place, const Repair& repair) {
  if (!repair.sentence.empty()) return repair.sentence;
  const std::string what = after_edits(place, repair, shown(place, repair));
  const std::string verb = what.empty() ? "remove it" : "write " + displayed(what);
  std::string out = repair.before.empty() ? verb : repair.before + ": " + verb;
  return repair.after.empty() ? out : out + ", " + repair.after;
}

/// The end of the last line that a repair changes.
size_t end_of(const Place& place, const Repair& repair) {
  size_t end = place.line.to;
  for (const Edit& edit : repair.edits) {
    const size_t after = edit.at + edit.length;
    const bool has_line_end = after != 0 && place.text[after - 1] == '\n';
    end = std::max(end, has_line_end ? after - 1 : after);
  }
  return end;
}

Found find(const Place& place, unsigned depth);

/// Mends what is left of a statement, so that the hint shows a right one.
void finish(const Place& place, Repair& repair, unsigned depth) {
  Span whole = {place.begin, place.end};
  for (const Edit& edit : repair.edits) {
    whole.from = std::min(whole.from, edit.at);
    whole.to = std::max(whole.to, edit.at + edit.length);
  }
  std::vector<Edit> edits = repair.edits;
  for (Edit& edit : edits) edit.at -= whole.from;
  std::string statement =
      with_edits(place.text.substr(whole.from, whole.to - whole.from), std::move(edits));
  constexpr int steps_most = 4;
  for (int step = 0; step < steps_most; ++step) {
    const auto errors = errors_in(statement);
    if (errors->count == 0 || errors->list[0].hint == Hint::a_rule) return;
    const Found next = find(Place(statement, errors->list[0]), depth + 1);
    if (!next || next->edits.empty()) return;
    statement = with_edits(statement, next->edits);
    repair.edits = {{whole.from, whole.to - whole.from, statement}};
    repair.shown = whole;
  }
}

/// The repair of the first kind of mistake that helps.
Found find(const Place& place, unsigned depth) {
  for (const Kind kind : kinds) {
    Found found = kind(place);
    if (!found || (found->edits.empty() && found->sentence.empty())) continue;
    if (found->edits.empty()) return found;
    if (!helps(place, *found)) continue;
    if (found->whole_statement && depth < 3) finish(place, *found, depth);
    return found;
  }
  return {};
}

/// Joins the repairs of the lines after a line of another program's file: they are one mistake.
void join_lines(const Place& place, Repair& repair) {
  const auto errors = errors_in(place.text);
  size_t end = end_of(place, repair);
  bool is_joined = false;
  for (const Error& error : errors->shown()) {
    const Place next(place.text, error);
    if (error.line == 0 || next.line.from <= end) continue;
    Span line = line_around(place.text, end);
    do {
      line = next_line(place.text, line);
    } while (line.from < next.line.from && words_of(place.text, code_of(place.text, line)).empty());
    if (line.from != next.line.from) break;
    const Found more = find(next, 0);
    if (!more || !more->is_foreign || more->edits.empty()) break;
    repair.edits.insert(repair.edits.end(), more->edits.begin(), more->edits.end());
    end = end_of(next, repair);
    is_joined = true;
  }
  if (!is_joined) return;
  const auto number = [&](size_t at) {
    const std::string_view head = place.text.substr(0, at);
    return std::to_string(std::count(head.begin(), head.end(), '\n') + 1);
  };
  repair.before =
      "lines " + number(place.line.from) + " to " + number(end) + " are of another program";
  repair.after.clear();
  for (const Edit& edit : repair.edits) end = std::max(end, edit.at + edit.length);
  repair.show(place.line.from, end);
  const bool is_gone = after_edits(place, repair, repair.shown).empty();
  repair.sentence = is_gone ? repair.before + ": remove them" : "";
}

Advice advice_at(const Place& place) {
  Found found = find(place, 0);
  if (!found) return {};
  if (found->is_foreign && !found->edits.empty()) join_lines(place, *found);
  if (found->edits.empty()) return {found->sentence, {}, std::move(found->stand_in)};
  return {sentence(place, *found), std::move(found->edits)};
}

}  // namespace
}  // namespace hints

Advice advice_on(const Error& error, std::string_view text) {
  Advice advice;
  if (error.line != 0) advice = hints::advice_at(hints::Place(text, error));
  if (advice.hint.empty()) advice.hint = general_hint(error, text);
  advice.hint = hints::printed(advice.hint, hints::hint_most);
  return advice;
}

std::string follow(const Advice& advice, std::string_view text) {
  return hints::with_edits(text, advice.edits);
}

}  // namespace clusterbind
