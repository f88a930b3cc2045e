// Reads any bytes as a rule text. The places of errors must lie within the text. A text without
// errors must decide as the slow model does, for destinations and ports at the ends of its own
// prefixes and ranges.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "config/hints/advice.h"
#include "tests/fuzz/finding.h"
#include "tests/support/plain_rules.h"

namespace clusterbind::test {
namespace {

void check_errors(const std::string& text, const Errors& errors) {
  std::vector<std::string_view> lines;
  for (size_t first = 0; first <= text.size();) {
    const size_t end = std::min(text.find('\n', first), text.size());
    lines.push_back(std::string_view(text).substr(first, end - first));
    first = end + 1;
  }
  for (const Error& error : errors.shown()) {
    expect(std::memchr(error.message, 0, sizeof error.message) != nullptr, "endless message");
    const std::string hint = advice_on(error, text).hint;
    expect(!hint.empty() && hint.size() < 160, "no hint, or an endless one");
    expect(error.message[0] != '\0', "an error without a message");
    for (const char c : std::string_view(error.message)) {
      expect(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "a control byte in a message");
    }
    expect(error.line >= 1 && error.line <= lines.size(), "an error in no line");
    expect(error.column >= 1 && error.column <= lines[error.line - 1].size() + 1,
           "an error beyond its line");
    expect(error.column + error.length <= lines[error.line - 1].size() + 1,
           "a word beyond its line");
  }
}

/// Addresses and ports that are worth looking up.
struct Questions {
  std::vector<Address> addresses;
  std::vector<uint16_t> ports;
};

Questions questions_of(const RuleText& text) {
  Questions result;
  for (const char* notable : {"0.0.0.0", "::", "127.0.0.1", "::1", "192.0.2.1", "2001:db8::1"}) {
    result.addresses.push_back(read_address(notable).value());
  }
  result.ports = {0, 25, 65535};
  constexpr size_t most = 12;  // a limit, because the model is slow
  for (size_t i = 0; i < text.parsed().counts.rules; ++i) {
    for (const Destination& destination : text.destinations(i)) {
      if (destination.any || result.addresses.size() > most) continue;
      const Address last = last_address(destination.first, destination.length);
      Address after = last;
      ++after.low;
      if (after.family == Family::ipv4) after.low &= 0xffffffff;
      for (const Address& address : {destination.first, last, after}) {
        // Converted to bytes and back, because an IPv6 number may have become an IPv4-mapped
        // address.
        result.addresses.push_back(from_ipv6_bytes(ipv6_bytes(address)));
      }
    }
    for (const PortRange& range : text.ports(i)) {
      if (result.ports.size() > most) break;
      for (const int port : {range.low - 1, range.low + 0, range.high + 0, range.high + 1}) {
        result.ports.push_back(static_cast<uint16_t>(port));
      }
    }
  }
  return result;
}

void check_lookups(const RuleText& text, const std::vector<PlainRule>& model,
                   const std::string& program) {
  const Compiled compiled(text, program);
  expect(compiled.fits(), "more memory than foretold");
  const Questions questions = questions_of(text);
  for (const Address& address : questions.addresses) {
    const Bytes bytes = ipv6_bytes(address);
    for (const uint16_t port : questions.ports) {
      const Match match = compiled->lookup(address, port);
      for (unsigned i = 0; i < protocol_count; ++i) {
        const auto protocol = static_cast<Protocol>(i);
        expect(match[protocol] == horrible_lookup(model, program, bytes, port, protocol),
               "another rule than the slow model");
      }
    }
  }
}

void check_sources(const RuleText& text) {
  const Compiled compiled(text, "");
  for (size_t i = 0; i < text.parsed().counts.rules; ++i) {
    const Rule& rule = text.parsed().rules[i];
    if (rule.action != Action::bind || !text.programs(i).empty()) continue;
    expect(!rule.has_ipv4 || compiled->is_source(source_of(rule, Family::ipv4)), "a lost source");
    for (const Address& source : text.sources(i)) {
      expect(compiled->is_source(source), "a lost source of a list");
    }
    expect(!rule.has_ipv6 || compiled->is_source(source_of(rule, Family::ipv6)), "a lost source");
  }
}

void check(const std::string& bytes) {
  const RuleText text(bytes);
  if (excludes(bytes, "mta")) {
    expect(!excludes("\n" + bytes, "") || excludes(bytes, ""), "blank lines matter to only");
    expect(text.parsed().settings.only || !text.right(), "excluded without only");
  }
  check_errors(bytes, text.errors());
  if (!text.right()) return;
  const Counts& counts = text.parsed().counts;
  const Counts most = at_most(bytes);
  expect(counts.rules > 0, "right without a rule");
  expect(counts.rules <= most.rules && counts.destinations <= most.destinations &&
             counts.ports <= most.ports && counts.sources <= most.sources &&
             counts.programs <= most.programs && counts.only <= most.only,
         "more of a list than foretold");
  if (text.parsed().counts.rules > 300) return;
  const std::vector<PlainRule> model = plain_rules(text);
  check_lookups(text, model, "mta");
  check_lookups(text, model, "");
  check_sources(text);
}

}  // namespace
}  // namespace clusterbind::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  clusterbind::test::check(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
