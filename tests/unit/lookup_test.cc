// Tests each rule of the lookup by itself, and with a large rule file.
#include <chrono>
#include <sstream>
#include <string>

#include "tests/catch.h"
#include "tests/support/plain_rules.h"

namespace clusterbind::test {
namespace {

/// The number of the rule (from 1) that decides for a protocol, or 0.
unsigned decides(const std::string& rules, const char* destination, uint16_t port = 25,
                 Protocol protocol = Protocol::tcp, const char* program = "mta") {
  const RuleText text(rules);
  INFO(text.errors().list[0].message);
  REQUIRE(text.right());
  const Compiled compiled(text, program);
  return compiled->lookup(read_address(destination).value(), port)[protocol] + 1;
}

TEST_CASE("The first rule that matches decides, not the longest prefix") {
  const std::string rules = "direct to 10.0.0.0/8; refuse to 10.1.0.0/16; bind 192.0.2.25";
  CHECK(decides(rules, "10.1.0.1") == 1);
  CHECK(decides(rules, "11.0.0.1") == 3);
  CHECK(decides("refuse to 10.1.0.0/16; direct to 10.0.0.0/8", "10.1.0.1") == 1);
  CHECK(decides("refuse to 10.1.0.0/16; direct to 10.0.0.0/8", "10.2.0.1") == 2);
}

TEST_CASE("`any` does not match loopback, and a prefix does") {
  for (const char* loopback : {"127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"}) {
    CAPTURE(loopback);
    CHECK(decides("direct to any", loopback) == 0);
    CHECK(decides("direct", loopback) == 0);
    CHECK(decides("direct to any; refuse to 0.0.0.0/0, ::/0", loopback) == 2);
    CHECK(decides("direct to 0.0.0.0/0, ::/0", loopback) == 1);
    CHECK(decides("direct to 127.0.0.0/8, ::1", loopback) == 1);
    CHECK(decides("direct to any, 127.0.0.0/8, ::1", loopback) == 1);
  }
  for (const char* other : {"126.255.255.255", "128.0.0.0", "::2", "192.0.2.1", "2001:db8::1"}) {
    CAPTURE(other);
    CHECK(decides("direct", other) == 1);
  }
}

TEST_CASE("The wildcard addresses match no rule") {
  const std::string rules = "direct to 0.0.0.0/0, ::/0; refuse to 0.0.0.0, ::; direct";
  CHECK(decides(rules, "0.0.0.0") == 0);
  CHECK(decides(rules, "::") == 0);
  CHECK(decides(rules, "::ffff:0.0.0.0") == 0);
  CHECK(decides(rules, "0.0.0.1") == 1);
  CHECK(decides(rules, "::2") == 1);
}

TEST_CASE("IPv4 and IPv6 do not mix, and mapped is IPv4") {
  CHECK(decides("direct to ::/0", "192.0.2.1") == 0);
  CHECK(decides("direct to ::/0", "::ffff:192.0.2.1") == 0);
  CHECK(decides("direct to 0.0.0.0/0", "::ffff:192.0.2.1") == 1);
  CHECK(decides("direct to 0.0.0.0/0", "::192.0.2.1") == 0);
  CHECK(decides("direct to ::ffff:192.0.2.0/120", "192.0.2.1") == 1);
  CHECK(decides("bind 192.0.2.25", "2001:db8::1") == 0);
  CHECK(decides("bind 2001:db8::25", "192.0.2.1") == 0);
  CHECK(decides("bind 2001:db8::25; refuse", "192.0.2.1") == 2);
}

TEST_CASE("Both ends of a port range belong to it") {
  const std::string rules = "direct port 25-27, 1, 65535; refuse port 20-30";
  const std::pair<uint16_t, unsigned> table[] = {{0, 0},  {1, 1},     {2, 0},    {19, 0}, {20, 2},
                                                 {24, 2}, {25, 1},    {27, 1},   {28, 2}, {30, 2},
                                                 {31, 0}, {65534, 0}, {65535, 1}};
  for (const auto& [port, rule] : table) {
    CAPTURE(port);
    CHECK(decides(rules, "192.0.2.1", port) == rule);
  }
}

TEST_CASE("The first rule that matches can differ between protocols") {
  const std::string rules = "direct proto udp; refuse; bind 192.0.2.25 proto any";
  CHECK(decides(rules, "192.0.2.1", 25, Protocol::tcp) == 2);
  CHECK(decides(rules, "192.0.2.1", 25, Protocol::udp) == 1);
  CHECK(decides(rules, "192.0.2.1", 25, Protocol::other) == 3);
}

TEST_CASE("A program's name counts as a whole, and an unknown program matches none") {
  const std::string rules = "direct program mta; refuse program mtad, a.out; bind 192.0.2.25";
  const auto by = [&](const char* program) {
    return decides(rules, "192.0.2.1", 25, Protocol::tcp, program);
  };
  CHECK(by("mta") == 1);
  CHECK(by("mtad") == 2);
  CHECK(by("a.out") == 2);
  CHECK(by("mt") == 3);
  CHECK(by("MTA") == 3);
  CHECK(by("") == 3);
}

TEST_CASE("Sources are those of the bind rules of this program") {
  const RuleText text(
      "bind 192.0.2.25 2001:db8::25; bind 192.0.2.26 program mta; bind ::ffff:192.0.2.27 program x;"
      "bind 192.0.2.25; direct to 192.0.2.28");
  REQUIRE(text.right());
  const Compiled mta(text, "mta");
  const Compiled other(text, "");
  const auto is = [](const Compiled& rules, const char* address) {
    return rules->is_source(read_address(address).value());
  };
  CHECK(is(mta, "192.0.2.25"));
  CHECK(is(mta, "::ffff:192.0.2.25"));
  CHECK(is(mta, "2001:db8::25"));
  CHECK(is(mta, "192.0.2.26"));
  CHECK_FALSE(is(mta, "192.0.2.27"));
  CHECK_FALSE(is(mta, "192.0.2.28"));
  CHECK_FALSE(is(mta, "2001:db8::26"));
  CHECK_FALSE(is(other, "192.0.2.26"));
  CHECK(is(other, "192.0.2.25"));
  CHECK_FALSE(is(Compiled(RuleText("direct"), ""), "192.0.2.25"));
}

TEST_CASE("100,000 rules are read and compiled within seconds and decide as the slow model does",
          "[time]") {
  std::ostringstream lines;
  for (unsigned i = 0; i < 100000; ++i) {
    if (i % 4 == 3) {
      lines << "bind 2001:db8::25 to 2001:db8:" << i % 10000 << "::/48 port 25\n";
    } else {
      lines << (i % 4 == 0 ? "direct to 10." : "refuse to 11.") << (i >> 8 & 255) << '.'
            << (i & 255) << '.' << (i >> 9 & 254) << (i % 3 == 0 ? "/31" : "") << " port "
            << 1 + i % 1000 << '\n';
    }
  }
  lines << "bind 192.0.2.25 2001:db8::25";
  const auto start = std::chrono::steady_clock::now();
  const RuleText text(lines.str());
  INFO(text.errors().list[0].message);
  REQUIRE(text.right());
  REQUIRE(text.parsed().counts.rules == 100001);
  const Compiled compiled(text, "mta");
  CHECK(compiled.fits());
  // It takes some hundredths of a second; the rest is for sanitizers and busy machines.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));

  const std::vector<PlainRule> model = plain_rules(text);
  for (unsigned i = 0; i < 300; ++i) {
    const unsigned rule = i * 333;
    const PlainRule& plain = model[rule];
    const Bytes destination = plain.destinations[0].bytes;
    const auto port = static_cast<uint16_t>(plain.ports[0].low + i % 2);
    const uint32_t expected = horrible_lookup(model, "mta", destination, port, Protocol::tcp);
    CAPTURE(rule, port);
    CHECK(compiled->lookup(from_ipv6_bytes(destination), port)[Protocol::tcp] == expected);
  }
}

}  // namespace
}  // namespace clusterbind::test
