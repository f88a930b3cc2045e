// Finds the kind of a mistake, tries its repair, and puts it into words.
#include <algorithm>
#include <memory>

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
                          not_an_address};

/// How much of a text is read again to try a repair: the statement, and what follows.
constexpr size_t window_most = 4096;
constexpr size_t shown_most = 100;  // bytes
constexpr size_t hint_most = 150;

/// The errors of a part of a text, as the bytes that are left behind each.
std::vector<size_t> errors_in(const std::string& text) {
  ParsedRules parsed;
  const auto errors = std::make_unique<Errors>();
  parse(text, parsed, *errors);
  std::vector<size_t> left;
  for (const Error& error : errors->shown()) {
    const Place place(text, error);
    left.push_back(text.size() - place.at);
  }
  return left;
}

/// Whether a repair leaves fewer errors, or the next one further on: behind the changes, or, where
/// the kind allows it, behind the old one.
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
  const auto before = errors_in(old + rule);
  const auto after = errors_in(with_edits(old, edits) + rule);
  const size_t left = old.size() + rule.size() - (place.at - from);
  const auto ours =
      std::find_if(before.begin(), before.end(), [=](size_t one) { return one <= left; });
  const auto index = static_cast<size_t>(ours - before.begin());
  if (after.size() < before.size() || index >= after.size()) return true;
  const size_t limit = repair.may_move ? left : old.size() + rule.size() - (changed - from);
  return repair.may_move ? after[index] < limit : after[index] <= limit && after[index] < left;
}

/// A text as one line for a terminal, cut where it is too long.
std::string printed(std::string_view text, size_t most) {
  std::string out;
  while (!text.empty()) {
    if (out.size() > most) return out + "...";
    const size_t length = printable_length(text);
    if (text[0] == '\n') {
      out += "; ";
    } else {
      out += length == 0 ? (text[0] == '\t' ? " " : "?") : std::string(text.substr(0, length));
    }
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
  const size_t first = text.find_first_not_of(" \t");
  text.erase(0, std::min(first, text.size()));
  while (text.ends_with(' ') || text.ends_with('\t')) text.pop_back();
  return text;
}

std::string sentence(const Place& place, const Repair& repair) {
  if (!repair.sentence.empty()) return repair.sentence;
  const std::string what = after_edits(place, repair, shown(place, repair));
  const std::string verb = what.empty() ? "remove it" : "write " + displayed(what);
  std::string out = repair.before.empty() ? verb : repair.before + ": " + verb;
  return repair.behind.empty() ? out : out + ", " + repair.behind;
}

Advice find(const Error& error, std::string_view text, unsigned depth);

/// Mends what is left of a statement, so that the hint shows a right one.
void finish(const Place& place, Repair& repair, unsigned depth) {
  const std::string fixed = with_edits(place.text, repair.edits);
  const size_t behind = place.text.size() - place.end;
  const std::string head = fixed.substr(0, fixed.size() - behind);
  const std::string statement = head.substr(std::min(place.begin, head.size()));
  ParsedRules parsed;
  const auto errors = std::make_unique<Errors>();
  parse(statement, parsed, *errors);
  if (errors->count == 0 || errors->list[0].hint == Hint::a_rule) return;
  const Advice next = find(errors->list[0], statement, depth + 1);
  if (next.edits.empty()) return;
  const std::string whole = with_edits(statement, next.edits);
  repair.edits = {{place.begin, place.end - place.begin, whole}};
  repair.shown = {place.begin, place.end};
}

Advice find(const Error& error, std::string_view text, unsigned depth) {
  const Place place(text, error);
  for (const Kind kind : kinds) {
    Found found = kind(place);
    if (!found || (found->edits.empty() && found->sentence.empty())) continue;
    if (found->edits.empty()) return {found->sentence, {}};
    if (!helps(place, *found)) continue;
    if (found->whole_statement && depth < 3) finish(place, *found, depth);
    return {sentence(place, *found), std::move(found->edits)};
  }
  return {general_hint(error, text), {}};
}

}  // namespace
}  // namespace hints

Advice advice_on(const Error& error, std::string_view text) {
  if (error.line == 0) return {general_hint(error, text), {}};
  Advice advice = hints::find(error, text, 0);
  advice.hint = hints::printed(advice.hint, hints::hint_most);
  return advice;
}

std::string follow(const Advice& advice, std::string_view text) {
  return hints::with_edits(text, advice.edits);
}

std::string hint_of(const Error& error, std::string_view text) {
  return advice_on(error, text).hint;
}

}  // namespace clusterbind
