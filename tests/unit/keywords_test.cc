// Checks that each word of the rule language is described in the manual page.
#include "config/keywords.h"

#include <fstream>
#include <iterator>
#include <string>

#include "tests/catch.h"

namespace clusterbind {
namespace {

std::string file(const char* path) {
  std::ifstream in(std::string(CLUSTERBIND_SOURCE) + "/" + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

template <typename Check>
void each_keyword(const Check& check) {
  for (const auto& word : statement_words) check(std::string(word));
  for (const auto& word : clause_words) check(std::string(word));
  for (const auto& word : protocol_words) check(std::string(word));
  for (const auto& word : fallback_words) check(std::string(word));
  for (const auto& word : level_words) check(std::string(word));
  for (const auto& word : ports_words) check(std::string(word));
  for (const auto& word : switch_words) check(std::string(word));
  check(any_word);
}

TEST_CASE("The grammar in the manual page has every keyword") {
  const std::string page = file("config/man/clusterbind.conf.5");
  const size_t begin = page.find(".Ss Grammar");
  REQUIRE(begin != page.npos);
  const std::string grammar = page.substr(begin, page.find(".Ed", begin) - begin);
  each_keyword([&](const std::string& word) {
    CAPTURE(word);
    CHECK(grammar.find('"' + word + '"') != grammar.npos);
  });
}

TEST_CASE("The manual page describes every statement, clause and port name") {
  const std::string page = file("config/man/clusterbind.conf.5");
  const std::string text = page.substr(page.find(".Ss Actions"));
  const auto described = [&](const std::string& word) {
    CAPTURE(word);
    CHECK(text.find(".It Ic " + word) != text.npos);
  };
  for (const auto& word : statement_words) described(word);
  for (const auto& word : clause_words) described(word);
  for (const PortName& name : port_names) {
    CAPTURE(name.text);
    CHECK(text.find(std::string(".Cm ") + name.text + '\n') != text.npos);
  }
}

}  // namespace
}  // namespace clusterbind
