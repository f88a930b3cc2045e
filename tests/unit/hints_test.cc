// Wrong rule texts as people write them, from wrong_rules.txt. Each is reported as one error.
// Following the hint leads to a correct file, or to the next error, which is in the table too.
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "config/diagnosis.h"
#include "config/hints/advice.h"
#include "tests/catch.h"

namespace clusterbind::test {
namespace {

/// Decodes a line of the table: \n, \t, \\ and \xHH stand for bytes.
std::string bytes_of(const std::string& line) {
  std::string out;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\' || i + 1 == line.size()) {
      out += line[i];
      continue;
    }
    const char c = line[++i];
    if (c == 'x') {
      out += static_cast<char>(std::stoi(line.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
  }
  return out;
}

struct Row {
  std::string text, hint;
  std::string fixed;  // empty: the hint asks for something that only the user can know
};

std::vector<Row> table() {
  std::ifstream file(CLUSTERBIND_WRONG_RULES);
  REQUIRE(file);
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with("% ")) continue;
    if (line.starts_with("  > ")) {
      rows.back().hint = line.substr(4);
    } else if (line.starts_with("  = ")) {
      rows.back().fixed = bytes_of(line.substr(4));
    } else {
      rows.push_back({bytes_of(line), "", ""});
    }
  }
  return rows;
}

size_t errors_in(const std::string& text) {
  ParsedRules parsed;
  const auto errors = std::make_unique<Errors>();
  parse(text, parsed, *errors);
  return errors->count;
}

TEST_CASE("Each mistake is one error, and its hint leads to a correct file") {
  const std::vector<Row> rows = table();
  REQUIRE(rows.size() >= 500);
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Diagnosis diagnosis = diagnose(row.text);
    REQUIRE(diagnosis.mistakes.size() == 1);
    CHECK(diagnosis.more == 0);
    CHECK(diagnosis.mistakes[0].hint == row.hint);
    ParsedRules parsed;
    const auto errors = std::make_unique<Errors>();
    parse(row.text, parsed, *errors);
    REQUIRE(errors->count != 0);
    const Advice advice = advice_on(errors->list[0], row.text);
    CHECK(advice.edits.empty() == row.fixed.empty());
    if (row.fixed.empty()) continue;
    const std::string followed = follow(advice, row.text);
    CHECK(followed == row.fixed);
    CHECK(errors_in(followed) == 0);
  }
}

// Each text of the table with a word added, removed or replaced, to cover mistakes that nobody
// thought of.
TEST_CASE("Every error has a hint, and following the hints comes to an end") {
  constexpr std::string_view words[] = {"to", "port", "else", "only", ",",
                                        "25", "any",  "x",    "{",    ""};
  constexpr int steps_most = 40;
  for (const Row& row : table()) {
    for (size_t at = 0; at < row.text.size(); at = row.text.find_first_of(" \n", at + 1)) {
      const size_t end = std::min(row.text.find_first_of(" \n", at + 1), row.text.size());
      for (const std::string_view word : words) {
        std::string text = row.text;
        text.replace(at, end - at, at == 0 ? std::string(word) : " " + std::string(word));
        CAPTURE(row.text, text);
        int steps = 0;
        for (;; ++steps) {
          REQUIRE(steps < steps_most);
          ParsedRules parsed;
          const auto errors = std::make_unique<Errors>();
          parse(text, parsed, *errors);
          if (errors->count == 0) break;
          for (const Error& error : errors->shown()) {
            const std::string hint = advice_on(error, text).hint;
            REQUIRE(!hint.empty());
            REQUIRE(hint.size() < 160);
          }
          const Advice advice = advice_on(errors->list[0], text);
          if (advice.edits.empty()) break;
          text = follow(advice, text);
        }
      }
    }
  }
}

}  // namespace
}  // namespace clusterbind::test
