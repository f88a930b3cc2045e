// A repair of a rule text: what to change, and how the hint puts it into words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/hints/advice.h"
#include "config/hints/place.h"

namespace clusterbind::hints {

/// Changes that mend an error. The hint is "BEFORE: write WHAT, BEHIND", where WHAT is a part of
/// the text as it is after the changes; or `sentence`, where there is one.
struct Repair {
  std::string before;
  std::string after;
  std::string sentence;
  std::vector<Edit> edits;  // in any order; they do not overlap
  Span shown;               // the part of the text to show; empty: the words that change

  /// The error may move on to a word that changes: quotes around a wrong word, say.
  bool may_move = false;
  /// The rest of the statement is mended with it, so that the hint shows a right one.
  bool whole_statement = false;
  /// Not to be tried on the statement alone: it concerns another one too.
  bool is_sure = false;
  /// It concerns a line of another program's file: those of following lines are told with it.
  bool is_foreign = false;
  /// For what only the user can know: what may stand there while the rest is looked at.
  std::vector<Edit> stand_in;

  Repair& replace(Span part, std::string with) {
    edits.push_back({part.from, part.to - part.from, std::move(with)});
    return *this;
  }
  Repair& replace(const Word& word, std::string with) {
    return replace(Span{word.at, word.end()}, std::move(with));
  }
  Repair& insert(size_t at, std::string what) { return replace(Span{at, at}, std::move(what)); }
  Repair& show(size_t from, size_t to) {
    shown = {from, to};
    return *this;
  }
};

using Found = std::optional<Repair>;

/// One kind of mistake: the repair, if the place has a mistake of this kind.
using Kind = Found (*)(const Place&);

/// "write WHAT, BEHIND".
inline Repair after(std::string words) {
  Repair repair;
  repair.after = std::move(words);
  return repair;
}

/// "BEFORE: write WHAT".
inline Repair before(std::string words) {
  Repair repair;
  repair.before = std::move(words);
  return repair;
}

/// A sentence of its own. Without changes it is for what only the user can know.
inline Repair say(std::string sentence) {
  Repair repair;
  repair.sentence = std::move(sentence);
  return repair;
}

/// Puts a statement in the place of the whole statement.
inline Repair rewrite(const Place& place, std::string reason, std::string statement) {
  Repair repair = before(std::move(reason));
  const size_t from = place.words.empty() ? place.begin : place.words.front().at;
  const size_t to = place.words.empty() ? place.end : place.words.back().end();
  repair.replace(Span{from, to}, std::move(statement));
  return repair;
}

/// Takes a line away; its comment stays.
void remove_line(Repair& repair, std::string_view text, Span line);

/// Takes the statement away, and its line where nothing else stands there.
void remove_statement(Repair& repair, const Place& place);

/// Takes words away, with the blanks before them.
void remove_words(Repair& repair, const Place& place, size_t first, size_t behind_last);

/// A text with the changes made.
std::string with_edits(std::string_view text, std::vector<Edit> edits);

}  // namespace clusterbind::hints
