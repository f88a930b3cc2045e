// Compares the compiled rules with the slow model, for many seeds.
#include "tests/catch.h"
#include "tests/support/plain_rules.h"
#include "tests/unit/random_rules.h"

namespace clusterbind::test {
namespace {

std::string text_of(const Bytes& bytes) {
  char text[address_text_size];
  return std::string(write_address(from_ipv6_bytes(bytes), text));
}

/// Compares the result of one lookup for every protocol; counts how often a rule matched.
size_t compare(const Compiled& compiled, RandomRules& random, const std::vector<PlainRule>& model,
               const std::string& program) {
  const Bytes destination = random.destination();
  const uint16_t port = random.port();
  const Match match = compiled->lookup(from_ipv6_bytes(destination), port);
  size_t matched = 0;
  for (unsigned i = 0; i < protocol_count; ++i) {
    const auto protocol = static_cast<Protocol>(i);
    const uint32_t expected = horrible_lookup(model, program, destination, port, protocol);
    if (match[protocol] != expected) {
      FAIL("rule " << match[protocol] << " instead of " << expected << " for "
                   << text_of(destination) << " port " << port << " protocol " << i << " program '"
                   << program << "'\n"
                   << random.text());
    }
    matched += expected == UINT32_MAX ? 0 : 1;
  }
  return matched;
}

TEST_CASE("Random rules decide as the slow model does") {
  size_t matched = 0;
  size_t lookups = 0;
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    RandomRules random(seed);
    const RuleText text(random.text());
    if (!text.right()) FAIL(text.errors().list[0].message << "\n" << random.text());
    // Compares with the rules as written and as parsed: both models must give the same answer.
    const std::vector<PlainRule> read = plain_rules(text);
    if (read.size() != random.rules().size()) FAIL("rules lost:\n" << random.text());
    const std::string program = random.program();
    const Compiled compiled(text, program);
    if (!compiled.fits()) FAIL("more memory than foretold:\n" << random.text());
    for (int i = 0; i < 60; ++i) {
      matched += compare(compiled, random, i % 2 == 0 ? random.rules() : read, program);
      lookups += protocol_count;
    }
  }
  // About half of the lookups should match a rule, or the comparison would mean little.
  CHECK(matched > lookups / 4);
  CHECK(matched < lookups);
}

}  // namespace
}  // namespace clusterbind::test
