// Correct rule texts, and their meaning.
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/catch.h"
#include "tests/support/compiled.h"

namespace clusterbind::test {
namespace {

/// A parsed rule in a full, canonical form.
std::string meaning(const RuleText& text, size_t index) {
  const Rule& rule = text.parsed().rules[index];
  const auto written = [](const Address& address) {
    char buffer[address_text_size];
    return std::string(write_address(address, buffer));
  };
  const char* const actions[] = {"bind", "direct", "refuse"};
  const char* const protocols[] = {"tcp", "udp", "any"};
  std::ostringstream result;
  result << rule.line << ": " << actions[static_cast<int>(rule.action)];
  for (const Address& source : text.sources(index)) result << ' ' << written(source);
  if (rule.list_count != 0) result << " (list)";
  for (const Destination& destination : text.destinations(index)) {
    if (destination.any) {
      result << " any";
    } else {
      result << ' ' << written(destination.first) << '/' << unsigned{destination.length};
    }
  }
  for (const PortRange& range : text.ports(index)) result << ' ' << range.low << '-' << range.high;
  for (const std::string_view name : text.programs(index)) result << ' ' << name;
  if (rule.protocol != ProtocolClause::tcp) {
    result << ' ' << protocols[static_cast<int>(rule.protocol)];
  }
  if (rule.override_program) result << " override";
  if (rule.picks_at_random) result << " random";
  if (rule.fallback == Fallback::direct) result << " else direct";
  return result.str();
}

/// A text, and the canonical form of each of its rules.
struct Right {
  const char* text;
  std::vector<std::string> rules;
};

TEST_CASE("Correct texts and their meaning") {
  const Right table[] = {
      {"direct", {"1: direct"}},
      {"refuse", {"1: refuse"}},
      {"\n\n  direct  ", {"3: direct"}},
      {"direct # inside\n", {"1: direct"}},
      {"direct#inside", {"1: direct"}},
      {"# direct\nrefuse # direct", {"2: refuse"}},
      {"# a; direct\nrefuse", {"2: refuse"}},
      {"direct;refuse", {"1: direct", "1: refuse"}},
      {";;direct;;\n;refuse;", {"1: direct", "2: refuse"}},
      {"direct\r\nrefuse\r\n", {"1: direct", "2: refuse"}},
      {"direct \t\r\n\trefuse\r", {"1: direct", "2: refuse"}},
      {"# comment\r\ndirect", {"2: direct"}},
      {"direct # \xc3\xbc", {"1: direct"}},
      {"bind 192.0.2.25", {"1: bind 192.0.2.25"}},
      {"bind 2001:db8::25", {"1: bind 2001:db8::25"}},
      {"bind 192.0.2.25 2001:db8::25", {"1: bind 192.0.2.25 2001:db8::25"}},
      {"bind 192.0.2.25, 2001:db8::25", {"1: bind 192.0.2.25 2001:db8::25"}},
      {"bind 2001:db8::26,192.0.2.26 , 2001:db8::25,192.0.2.25 pick random",
       {"1: bind 2001:db8::26 192.0.2.26 2001:db8::25 192.0.2.25 (list) random"}},
      {"bind 192.0.2.26, 192.0.2.25 pick first to 192.0.2.0/24\nbind 192.0.2.25, 2001:db8::1\n"
       "bind 192.0.2.27, 192.0.2.28 port 25",
       {"1: bind 192.0.2.26 192.0.2.25 (list) 192.0.2.0/24", "2: bind 192.0.2.25 2001:db8::1",
        "3: bind 192.0.2.27 192.0.2.28 (list) 25-25"}},
      {"bind 2001:db8::25 192.0.2.25", {"1: bind 192.0.2.25 2001:db8::25"}},
      {"bind ::ffff:192.0.2.25", {"1: bind 192.0.2.25"}},
      {"bind 192.0.2.25;bind 192.0.2.25;bind 192.0.2.26;bind 192.0.2.2",
       {"1: bind 192.0.2.25", "1: bind 192.0.2.25", "1: bind 192.0.2.26", "1: bind 192.0.2.2"}},
      {"bind 192.0.2.25 2001:db8::25;bind 2001:db8::26 192.0.2.25;bind 192.0.2.26 2001:db8::25",
       {"1: bind 192.0.2.25 2001:db8::25", "1: bind 192.0.2.25 2001:db8::26",
        "1: bind 192.0.2.26 2001:db8::25"}},
      {"bind 127.0.0.25", {"1: bind 127.0.0.25"}},
      {"direct to any", {"1: direct any"}},
      {"direct to any,any", {"1: direct any any"}},
      {"direct to 10.0.0.0/8,fd00::/8", {"1: direct 10.0.0.0/8 fd00::/8"}},
      {"direct to 10.0.0.0/8 , fd00::/8", {"1: direct 10.0.0.0/8 fd00::/8"}},
      {"direct to\t10.0.0.1", {"1: direct 10.0.0.1/32"}},
      {"direct to 2001:db8::1", {"1: direct 2001:db8::1/128"}},
      {"direct to 0.0.0.0/0, ::/0", {"1: direct 0.0.0.0/0 ::/0"}},
      {"direct to ::ffff:10.0.0.1", {"1: direct 10.0.0.1/32"}},
      {"direct to ::ffff:10.0.0.0/104", {"1: direct 10.0.0.0/8"}},
      {"direct to ::ffff:0:0/96", {"1: direct 0.0.0.0/0"}},
      {"direct to ::ffff:0.0.0.0/128", {"1: direct 0.0.0.0/32"}},
      {"direct port 25", {"1: direct 25-25"}},
      {"direct port 1-65535", {"1: direct 1-65535"}},
      {"direct port 25-25,smtps , 587", {"1: direct 25-25 465-465 587-587"}},
      {"direct port smtp,smtps,submissions,submission,lmtp,qmtp,x400",
       {"1: direct 25-25 465-465 465-465 587-587 24-24 209-209 102-102"}},
      {"direct proto tcp", {"1: direct"}},
      {"direct proto udp", {"1: direct udp"}},
      {"direct proto any", {"1: direct any"}},
      {"direct program mta", {"1: direct mta"}},
      {"direct program mta,a.out,x_y+z-1", {"1: direct mta a.out x_y+z-1"}},
      {"direct program to, port", {"1: direct to port"}},
      {"direct program MTA", {"1: direct MTA"}},
      {"bind 192.0.2.25 override", {"1: bind 192.0.2.25 override"}},
      {"bind 192.0.2.25 else refuse", {"1: bind 192.0.2.25"}},
      {"bind 192.0.2.25 else direct", {"1: bind 192.0.2.25 else direct"}},
      {"bind 192.0.2.25 else direct override program mta proto any port 25 to 10.0.0.0/8",
       {"1: bind 192.0.2.25 10.0.0.0/8 25-25 mta any override else direct"}},
      {"log off; ports spread; reload on; direct", {"1: direct"}},
  };
  for (const Right& row : table) {
    CAPTURE(row.text);
    const RuleText text(row.text);
    INFO(text.errors().list[0].message);
    REQUIRE(text.right());
    REQUIRE(text.parsed().counts.rules == row.rules.size());
    for (size_t i = 0; i < row.rules.size(); ++i) CHECK(meaning(text, i) == row.rules[i]);
  }
}

TEST_CASE("The example of the documentation") {
  const RuleText text(
      "# First match wins. What no rule matches is left alone.\n"
      "direct  to 10.0.0.0/8, fd00::/8                    # inside, stay on the node's address\n"
      "bind    192.0.2.25 2001:db8::25  to any  port 25, 465, 587\n"
      "bind    192.0.2.26               to 198.51.100.0/24  port x400  program mta, mtad\n"
      "refuse  to any  port 25                            # whatever is left\n");
  REQUIRE(text.right());
  REQUIRE(text.parsed().counts.rules == 4);
  CHECK(meaning(text, 0) == "2: direct 10.0.0.0/8 fd00::/8");
  CHECK(meaning(text, 1) == "3: bind 192.0.2.25 2001:db8::25 any 25-25 465-465 587-587");
  CHECK(meaning(text, 2) == "4: bind 192.0.2.26 198.51.100.0/24 102-102 mta mtad");
  CHECK(meaning(text, 3) == "5: refuse any 25-25");
}

TEST_CASE("Settings and their defaults") {
  const RuleText none("direct");
  CHECK(none.parsed().settings.log == LogLevel::error);
  CHECK_FALSE(none.parsed().settings.log_given);
  CHECK_FALSE(none.parsed().settings.ports_spread);
  CHECK_FALSE(none.parsed().settings.reload);
  CHECK_FALSE(none.parsed().settings.only);

  const RuleText all("only mta, mtad\nlog debug\nports spread\nreload on\ndirect");
  REQUIRE(all.right());
  CHECK(all.parsed().settings.log == LogLevel::debug);
  CHECK(all.parsed().settings.log_given);
  CHECK(all.parsed().settings.ports_spread);
  CHECK(all.parsed().settings.reload);
  CHECK(all.parsed().settings.only);
  REQUIRE(all.parsed().counts.only == 2);
  CHECK(all.parsed().only[0] == "mta");
  CHECK(all.parsed().only[1] == "mtad");

  const RuleText others("log error; ports kernel; reload off; direct");
  REQUIRE(others.right());
  CHECK(others.parsed().settings.log == LogLevel::error);
  CHECK(others.parsed().settings.log_given);
  CHECK_FALSE(others.parsed().settings.ports_spread);
  CHECK_FALSE(others.parsed().settings.reload);

  const std::pair<const char*, LogLevel> levels[] = {
      {"off", LogLevel::off}, {"error", LogLevel::error}, {"info", LogLevel::info}};
  for (const auto& [word, level] : levels) {
    CHECK(RuleText(std::string("log ") + word + "; direct").parsed().settings.log == level);
  }
}

TEST_CASE("A text excludes the programs that a correct first `only` does not name") {
  struct Question {
    const char* text;
    const char* program;
    bool excluded;
  };
  const Question table[] = {{"only mta\ndirect", "mta", false},
                            {"only mta\ndirect", "ls", true},
                            {"only mta\ndirect", "mta2", true},
                            {"only mta\ndirect", "mt", true},
                            {"only mta\ndirect", "MTA", true},
                            {"only mta\ndirect", "", true},
                            {"only a, mta ,b\n", "mta", false},
                            {"only a, mta ,b\n", "b", false},
                            {"only a, mta ,b\n", "c", true},
                            {"only mta; total nonsense", "ls", true},
                            {"only mta\ntotal nonsense \x01", "ls", true},
                            {"only mta", "ls", true},
                            {"\n# comment\n;;only mta", "ls", true},
                            {"only mta # comment", "ls", true},
                            // A broken `only` names no programs with certainty, so the wrong rules
                            // apply to all.
                            {"only mta,\ndirect", "ls", false},
                            {"only\ndirect", "ls", false},
                            {"only mta mtad\ndirect", "ls", false},
                            {"only /bin/mta\ndirect", "ls", false},
                            {"onyl mta\ndirect", "ls", false},
                            {"Only mta\ndirect", "ls", false},
                            {"only mta \x01\ndirect", "ls", false},
                            {"direct\nonly mta", "ls", false},
                            {"log info\nonly mta", "ls", false},
                            {"direct", "ls", false},
                            {"", "ls", false}};
  for (const Question& row : table) {
    CAPTURE(row.text, row.program);
    CHECK(excludes(row.text, row.program) == row.excluded);
  }
}

TEST_CASE("A list that is too small is filled up, and the counts say how much is needed") {
  std::vector<Rule> rules(1);
  std::vector<Clauses> clauses(1);
  std::vector<Destination> destinations(2);
  ParsedRules parsed;
  parsed.rules = rules;
  parsed.clauses = clauses;
  parsed.destinations = destinations;
  Errors errors;
  parse("direct to 10.0.0.1, 10.0.0.2, 10.0.0.3 port 1,2 program a; refuse", parsed, errors);
  CHECK(errors.count == 0);
  CHECK(parsed.counts.rules == 2);
  CHECK(parsed.counts.destinations == 3);
  CHECK(parsed.counts.ports == 2);
  CHECK(parsed.counts.programs == 1);
  CHECK(rules[0].action == Action::direct);
  CHECK(clauses[0].destination_count == 3);
  CHECK(destinations[1].first == read_address("10.0.0.2").value());
}

}  // namespace
}  // namespace clusterbind::test
