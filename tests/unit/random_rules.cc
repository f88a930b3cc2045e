#include "tests/unit/random_rules.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace clusterbind::test {
namespace {

// Prefixes are derived from these, so that they nest.
constexpr const char* roots[] = {
    "10.0.0.0", "10.128.0.0",  "127.0.0.0",  "127.0.0.1",    "255.255.255.0",
    "0.0.0.0",  "192.0.2.128", "2001:db8::", "2001:db8:8::", "::",
    "::1",      "ffff:ffff::", "fd00::",     "::fffe:0:0"};
constexpr const char* names[] = {"mta", "mtad", "a.out", "to"};
constexpr unsigned notable_ports[] = {1, 24, 25, 26, 465, 587, 65534, 65535};

void clear_beyond(Bytes& bytes, unsigned length) {
  for (unsigned bit = length; bit < 128; ++bit) {
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] & ~(1U << (7 - bit % 8)));
  }
}

void set_beyond(Bytes& bytes, unsigned length) {
  for (unsigned bit = length; bit < 128; ++bit) {
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] | 1U << (7 - bit % 8));
  }
}

/// Adds or subtracts 1, as a number of 128 bits.
void step(Bytes& bytes, bool up) {
  for (size_t i = 16; i-- > 0;) {
    bytes[i] = static_cast<uint8_t>(up ? bytes[i] + 1 : bytes[i] - 1);
    if (bytes[i] != (up ? 0 : 0xff)) return;
  }
}

std::string text_of(const Bytes& bytes, bool as_mapped) {
  char text[INET6_ADDRSTRLEN];
  if (horrible_is_mapped(bytes) && !as_mapped) {
    inet_ntop(AF_INET, &bytes[12], text, sizeof text);
  } else {
    inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
  }
  return text;
}

}  // namespace

Bytes bytes_of(const char* text) {
  Bytes bytes{};
  if (inet_pton(AF_INET6, text, bytes.data()) == 1) return bytes;
  bytes[10] = bytes[11] = 0xff;
  inet_pton(AF_INET, text, &bytes[12]);
  return bytes;
}

RandomRules::RandomRules(unsigned seed) : random_(seed) {
  const unsigned count = 1 + below(chance(4) ? 60 : 12);
  for (unsigned i = 0; i < count; ++i) add_rule();
}

void RandomRules::add_rule() {
  PlainRule rule;
  std::string line;
  switch (below(3)) {
    case 0:
      rule.action = Action::bind;
      line = "bind" + add_source(rule);
      break;
    case 1:
      line = "direct";
      break;
    default:
      rule.action = Action::refuse;
      line = "refuse";
  }
  std::vector<std::string> clauses;
  for (size_t i = 0; i < std::size(clause_words); ++i) {
    const std::string value = add_clause(rule, static_cast<Clause>(i));
    if (!value.empty()) clauses.push_back(std::string(" ") + clause_words[i] + value);
  }
  std::shuffle(clauses.begin(), clauses.end(), random_);
  for (const std::string& clause : clauses) line += clause;
  text_ += line + (chance(4) ? ";" : "\n");
  rules_.push_back(rule);
}

/// The text that follows the clause's word, preceded by a blank; just a blank if the clause has no
/// value. An empty text means that the rule does not get this clause.
std::string RandomRules::add_clause(PlainRule& rule, Clause clause) {
  const auto list = [&](const auto& element) {
    std::string text = " " + element();
    while (chance(2)) text += (chance(2) ? "," : " , ") + element();
    return text;
  };
  const auto one_of = [&](std::span<const Keyword> words, unsigned which) {
    return std::string(" ") + words[which];
  };
  switch (clause) {
    case Clause::to:
      return chance(5) ? "" : list([&] { return add_destination(rule); });
    case Clause::port:
      return chance(3) ? "" : list([&] { return add_port(rule); });
    case Clause::proto: {
      if (!chance(3)) return "";
      const unsigned which = below(std::size(protocol_words));
      rule.protocol = static_cast<ProtocolClause>(which);
      return one_of(protocol_words, which);
    }
    case Clause::program:
      return chance(4) ? list([&] { return rule.programs.emplace_back(names[below(4)]); }) : "";
    // These clauses have no influence on which connections match, so the slow model ignores them.
    case Clause::override_program:
      return rule.action == Action::bind && chance(4) ? " " : "";
    case Clause::pick:
      return rule.action == Action::bind && chance(4)
                 ? one_of(pick_words, below(std::size(pick_words)))
                 : "";
    case Clause::otherwise:
      return rule.action == Action::bind && chance(4)
                 ? one_of(fallback_words, below(std::size(fallback_words)))
                 : "";
    case Clause::none:
      return "";
  }
  return "";
}

std::string RandomRules::add_source(PlainRule& rule) {
  const unsigned which = below(3);
  rule.has_ipv4 = which != 1;
  rule.has_ipv6 = which != 0;
  if (chance(4)) {
    // A list. Which addresses it contains has no influence on which connections match.
    std::string text;
    const unsigned count = 2 + below(7);
    for (unsigned i = 0; i < count; ++i) {
      const bool ipv4 = rule.has_ipv4 && (!rule.has_ipv6 || i % 2 == 0);
      text += (i == 0 ? " " : ", ") + std::string(ipv4 ? "192.0.2." : "2001:db8::") +
              std::to_string(25 + i);
    }
    return text;
  }
  return std::string(which != 1 ? " 192.0.2.25" : "") + (which != 0 ? " 2001:db8::25" : "");
}

std::string RandomRules::add_destination(PlainRule& rule) {
  if (chance(5)) {
    rule.destinations.push_back({true, {}, 0});
    return "any";
  }
  PlainDestination destination;
  bool served = false;
  do {
    destination.bytes = bytes_of(roots[below(std::size(roots))]);
    served = rule.action != Action::bind ||
             (horrible_is_mapped(destination.bytes) ? rule.has_ipv4 : rule.has_ipv6);
  } while (!served);
  const bool ipv4 = horrible_is_mapped(destination.bytes);
  const unsigned skipped = ipv4 ? 96 : 0;
  // Changes a few bits and shortens the prefix, so that the prefixes of a text share their first
  // bits.
  for (unsigned flips = below(3); flips > 0; --flips) {
    const unsigned bit = skipped + below(ipv4 ? 32 : 128);
    destination.bytes[bit / 8] = static_cast<uint8_t>(destination.bytes[bit / 8] ^ 1U << bit % 8);
  }
  if (!ipv4 && horrible_is_mapped(destination.bytes)) destination.bytes[11] = 0;
  destination.length = skipped + below(129 - skipped);
  clear_beyond(destination.bytes, destination.length);
  rule.destinations.push_back(destination);
  if (destination.length == 128 && chance(2)) return text_of(destination.bytes, ipv4 && chance(3));
  const bool as_mapped = ipv4 && chance(3);
  return text_of(destination.bytes, as_mapped) + "/" +
         std::to_string(destination.length - (as_mapped ? 0 : skipped));
}

std::string RandomRules::add_port(PlainRule& rule) {
  unsigned low = chance(2) ? notable_ports[below(std::size(notable_ports))] : 1 + below(65535);
  unsigned high = low;
  if (chance(2)) high = std::min(65535U, low + below(chance(2) ? 4 : 60000));
  if (low == high && low == 25 && chance(2)) {
    rule.ports.push_back({25, 25});
    return "smtp";
  }
  rule.ports.push_back({low, high});
  return low == high && chance(2) ? std::to_string(low)
                                  : std::to_string(low) + "-" + std::to_string(high);
}

Bytes RandomRules::destination() {
  const PlainRule& rule = rules_[below(static_cast<unsigned>(rules_.size()))];
  if (rule.destinations.empty() || chance(6)) {
    Bytes bytes = bytes_of(roots[below(std::size(roots))]);
    if (chance(2)) step(bytes, chance(2));
    return bytes;
  }
  const PlainDestination& near =
      rule.destinations[below(static_cast<unsigned>(rule.destinations.size()))];
  Bytes bytes = near.bytes;
  if (chance(2)) set_beyond(bytes, near.length);
  if (chance(3)) step(bytes, chance(2));
  if (chance(3) && near.length < 128) {
    const unsigned bit = near.length + below(128 - near.length);
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] ^ 1U << (7 - bit % 8));
  }
  return bytes;
}

uint16_t RandomRules::port() {
  const PlainRule& rule = rules_[below(static_cast<unsigned>(rules_.size()))];
  if (rule.ports.empty() || chance(4)) {
    return static_cast<uint16_t>(chance(2) ? below(65536)
                                           : notable_ports[below(std::size(notable_ports))]);
  }
  const PlainPorts& range = rule.ports[below(static_cast<unsigned>(rule.ports.size()))];
  return static_cast<uint16_t>((chance(2) ? range.low : range.high) + below(3) - 1);
}

std::string RandomRules::program() {
  if (chance(4)) return "";
  return chance(4) ? "other" : names[below(std::size(names))];
}

}  // namespace clusterbind::test
