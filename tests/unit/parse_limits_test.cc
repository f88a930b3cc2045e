// Limits of the size of a rule text.
#include <sstream>
#include <string>

#include "config/hints/general.h"
#include "tests/catch.h"
#include "tests/support/compiled.h"

namespace clusterbind::test {
namespace {

/// "1,2,3" up to `count`.
std::string ports(size_t count) {
  std::ostringstream list;
  for (size_t i = 1; i <= count; ++i) list << (i == 1 ? "" : ",") << i;
  return list.str();
}

/// "10.0.0.0,10.0.0.1": `count` addresses.
std::string destinations(size_t count) {
  std::ostringstream list;
  for (size_t i = 0; i < count; ++i) {
    list << (i == 0 ? "10." : ",10.") << (i >> 16) << '.' << (i >> 8 & 255) << '.' << (i & 255);
  }
  return list.str();
}

TEST_CASE("16 MiB are accepted, and one byte more is an error") {
  std::string text = "direct # ";
  text.resize(text_limit, 'x');
  CHECK(RuleText(text).right());

  text.push_back('x');
  const RuleText larger(text);
  REQUIRE(larger.errors().count == 1);
  CHECK(larger.errors().list[0].line == 0);
  CHECK(std::string(larger.errors().list[0].message) == "larger than 16 MiB");
  CHECK(general_hint(larger.errors().list[0], text) == "use prefixes and port ranges");
}

TEST_CASE("A text that is too large still excludes programs that its first line does not name") {
  std::string text = "only mta\ndirect # ";
  text.resize(text_limit + 1, 'x');
  CHECK(excludes(text, "ls"));
  CHECK_FALSE(excludes(text, "mta"));
}

TEST_CASE("16 MiB of random bytes lead to errors") {
  std::string noise(text_limit, '\0');
  uint32_t state = 1;
  for (char& byte : noise) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  const RuleText rules(noise);
  CHECK(rules.errors().count > 20);
  CHECK_FALSE(excludes(noise, "mta"));
}

TEST_CASE("Lines and columns are counted up to the end of the largest text") {
  std::string text = "direct";
  text.resize(text_limit - 5, ' ');
  text += "wrong";
  const RuleText column(text);
  REQUIRE(column.errors().count == 1);
  CHECK(column.errors().list[0].column == text_limit - 4);

  std::string lines(text_limit - 5, '\n');
  lines += "wrong";
  const RuleText line(lines);
  REQUIRE(line.errors().count == 1);
  CHECK(line.errors().list[0].line == text_limit - 4);
  CHECK(line.errors().list[0].column == 1);
}

TEST_CASE("Blank lines and comments do not enlarge the lists of a text") {
  const auto rules = [](const std::string& text) { return at_most(text).rules; };
  const size_t none = rules("");
  for (const char* line : {"\n", " \t\r\n", ";", " ; ", "# a, b; c\n", "  # bind\n", "#"}) {
    std::string text;
    while (text.size() < 4096) text += line;
    INFO(line);
    CHECK(rules(text) == none);
    CHECK(at_most(text).destinations == at_most("").destinations);
  }
  CHECK(rules("direct # a; b, c\n# d\n refuse;direct") == none + 3);
  CHECK(at_most("direct to a,, , b, # c, d\n").destinations == none + 1 + 2);
}

TEST_CASE("Destinations and ports are multiplied up to the limit, and one more is an error") {
  static_assert(combination_limit == uint64_t{2048} * 2048);
  const std::string full =
      "\n  direct to " + destinations(2048) + " port " + ports(2048) + " # full\n";
  CHECK(RuleText(full).right());

  const RuleText more(full + "  refuse");
  REQUIRE(more.errors().count == 1);
  const Error& error = more.errors().list[0];
  CHECK(error.line == 3);
  CHECK(error.column == 3);
  CHECK(error.length == 6);
  CHECK(std::string(error.message) ==
        "'refuse' makes more combinations of destinations and ports than can be held");
  CHECK(general_hint(error, more.text()) ==
        "all rules together may have 4194304: use ranges, prefixes or fewer elements");

  // The error is reported where the limit is exceeded, and not again for each later rule.
  CHECK(RuleText(full + "direct\nrefuse\ndirect").errors().count == 1);
}

TEST_CASE("A rule with many combinations compiles into the memory that was announced") {
  const RuleText text("direct to " + destinations(500) + " port " + ports(500));
  REQUIRE(text.right());
  const Compiled compiled(text, "");
  CHECK(compiled.fits());
  const Address inside = read_address("10.0.1.243").value();
  CHECK(compiled->lookup(inside, 500)[Protocol::tcp] == 0);
  CHECK(compiled->lookup(inside, 501)[Protocol::tcp] == no_rule);
  CHECK(compiled->lookup(read_address("10.0.1.244").value(), 500)[Protocol::tcp] == no_rule);
}

}  // namespace
}  // namespace clusterbind::test
