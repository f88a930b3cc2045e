#include "config/hints/repair.h"

#include <algorithm>

namespace clusterbind::hints {

void remove_line(Repair& repair, std::string_view text, Span line) {
  const Span code = code_of(text, line);
  const bool has_comment = text.substr(code.to, line.to - code.to).find('#') != text.npos;
  const size_t line_end = line.to < text.size() ? line.to + 1 : line.to;
  repair.replace(has_comment ? code : Span{line.from, line_end}, "");
}

void remove_statement(Repair& repair, const Place& place) {
  const bool is_alone = place.begin == place.code.from && place.end == place.code.to;
  if (is_alone) return remove_line(repair, place.text, place.line);
  const bool has_end = place.end < place.code.to;
  repair.replace(Span{has_end ? place.begin : place.begin - 1, has_end ? place.end + 1 : place.end},
                 "");
}

void remove_words(Repair& repair, const Place& place, size_t first, size_t behind_last) {
  const size_t from = first == 0 ? place.word(0).at : place.word(first - 1).end();
  const size_t to = first == 0 ? place.word(behind_last).at : place.word(behind_last - 1).end();
  // `bind ,192.0.2.25`: a blank stays.
  const bool is_glued =
      first > 0 && to < place.text.size() &&
      std::string_view(" \t\r\n,;#").find(place.text[to]) == std::string_view::npos;
  repair.replace(Span{from, to}, is_glued && place.at_word(first - 1) != "," ? " " : "");
}

std::string with_edits(std::string_view text, std::vector<Edit> edits) {
  std::stable_sort(edits.begin(), edits.end(),
                   [](const Edit& a, const Edit& b) { return a.at < b.at; });
  std::string result;
  size_t done = 0;
  for (const Edit& edit : edits) {
    if (edit.at < done || edit.at > text.size()) continue;
    result += text.substr(done, edit.at - done);
    result += edit.text;
    done = std::min(edit.at + edit.length, text.size());
  }
  return result.append(text.substr(done));
}

}  // namespace clusterbind::hints
