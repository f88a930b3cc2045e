#include "config/diagnosis.h"

#include <algorithm>
#include <memory>

#include "config/hints/advice.h"

namespace clusterbind {
namespace {

/// The offset that a byte of a changed text had before the changes. `edits` are those of one
/// advice.
size_t place_before(size_t at, std::vector<Edit> edits) {
  std::stable_sort(edits.begin(), edits.end(),
                   [](const Edit& a, const Edit& b) { return a.at < b.at; });
  size_t shift = 0, back = 0;  // how much longer, and shorter, the text before it has become
  for (const Edit& edit : edits) {
    const size_t now = edit.at + shift - back;
    if (at < now) break;
    if (at < now + edit.text.size()) return edit.at + std::min(at - now, edit.length);
    shift += edit.text.size();
    back += edit.length;
  }
  return at + back - shift;
}

size_t offset_of(std::string_view text, uint32_t line, uint32_t column) {
  size_t at = 0;
  for (; line > 1; --line) {
    const size_t end = text.find('\n', at);
    if (end == text.npos) return text.size();
    at = end + 1;
  }
  return std::min(at + column - 1, text.size());
}

void set_place(Error& error, std::string_view text, size_t at) {
  const std::string_view head = text.substr(0, at);
  const size_t line_end = head.rfind('\n');
  error.line = static_cast<uint32_t>(std::count(head.begin(), head.end(), '\n')) + 1;
  error.column = static_cast<uint32_t>(line_end == head.npos ? at : at - line_end - 1) + 1;
  const size_t left = std::min(text.find('\n', at), text.size()) - at;
  error.length = static_cast<uint32_t>(std::min<size_t>(error.length, left));
}

}  // namespace

std::string_view line_of(std::string_view text, uint32_t line) {
  for (; line > 1; --line) {
    const size_t end = text.find('\n');
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return text.substr(0, text.find('\n'));
}

Diagnosis diagnose(std::string_view text) {
  Diagnosis diagnosis;
  std::string working(text);
  std::vector<std::vector<Edit>> done;  // the changes that were made, in order
  size_t stays = 0;                     // how many errors before this one could not be corrected
  const auto errors = std::make_unique<Errors>();
  const auto read = [&](std::string_view what) {
    ParsedRules parsed;
    parse(what, parsed, *errors);
    return errors->count;
  };
  size_t count = read(working);
  while (stays < count && stays < Errors::kept && diagnosis.mistakes.size() < Errors::kept) {
    Error error = errors->list[stays];
    if (error.hint == Hint::a_rule && !diagnosis.mistakes.empty()) {
      count = stays;  // the mistakes that were told are the reason
      break;
    }
    Advice advice = advice_on(error, working);
    if (error.line != 0 && !done.empty()) {
      size_t at = offset_of(working, error.line, error.column);
      for (auto edits = done.rbegin(); edits != done.rend(); ++edits) at = place_before(at, *edits);
      set_place(error, text, at);
    }
    diagnosis.mistakes.push_back({error, std::move(advice.hint)});
    if (advice.edits.empty()) advice.edits = std::move(advice.stand_in);
    std::string mended = follow(advice, working);
    const size_t left = advice.edits.empty() ? count : read(mended);
    if (left < count) {
      working = std::move(mended);
      done.push_back(std::move(advice.edits));
      count = left;
    } else {
      ++stays;
      count = read(working);
    }
  }
  diagnosis.more = count - std::min(count, stays);
  return diagnosis;
}

}  // namespace clusterbind
