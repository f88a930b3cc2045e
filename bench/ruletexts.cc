#include "bench/ruletexts.h"

#include <fmt/format.h>

#include <random>

namespace clusterbind::bench {
namespace {

constexpr unsigned ports_per_prefix = 10'000;

// 10.0.0.0/24, 10.0.1.0/24 and so on; a large number of them reaches into 11.0.0.0/8. Destinations
// that no rule matches are in 198.51.100.0/24.
std::string ipv4_in(unsigned prefix, unsigned host) {
  return fmt::format("{}.{}.{}.{}", 10 + (prefix >> 16), prefix >> 8 & 255, prefix & 255, host);
}

std::string ipv6_in(unsigned prefix, unsigned host) {
  return fmt::format("2001:{:x}:{:x}::{:x}", 0xdb8 + (prefix >> 16), prefix & 0xffff, host);
}

std::string rule(Mix mix, unsigned index) {
  switch (mix) {
    case Mix::prefixes_ipv6:
      return fmt::format("bind 2001:db8::25 to {}/48 port 25\n", ipv6_in(index, 0));
    case Mix::ports:
      return fmt::format("bind 192.0.2.25 to {}/24 port {}\n", ipv4_in(index / ports_per_prefix, 0),
                         1 + index % ports_per_prefix);
    default:
      return fmt::format("bind 192.0.2.25 to {}/24 port 25\n", ipv4_in(index, 0));
  }
}

std::string rules_for_port(const std::string& source, const std::string& destination,
                           unsigned port) {
  return fmt::format(
      "bind {0} to {1} port {2}, 465, 587; "
      "bind {0} to {1} port x400; "
      "direct to 10.0.0.0/8, fd00::/8",
      source, destination, port);
}

}  // namespace

std::string mail_rules(const std::string& source, const std::string& destination, uint16_t port) {
  return rules_for_port(source, destination, port);
}

std::string other_port_rules(const std::string& source, const std::string& destination,
                             uint16_t port) {
  return rules_for_port(source, destination, port == 25 ? 26 : 25);
}

const char* name_of(Mix mix) {
  switch (mix) {
    case Mix::prefixes:
      return "IPv4 prefixes";
    case Mix::prefixes_ipv6:
      return "IPv6 prefixes";
    case Mix::ports:
      return "ports";
    case Mix::last_matches:
      return "last rule matches";
    case Mix::no_match:
      return "no rule matches";
  }
  return "";
}

std::string many_rules(Mix mix, unsigned count) {
  std::string text;
  const bool ends_in_any = mix == Mix::last_matches;
  for (unsigned i = 0; i < count - (ends_in_any ? 1 : 0); ++i) text += rule(mix, i);
  if (ends_in_any) text += "bind 192.0.2.25 to any port 25\n";
  return text;
}

std::vector<std::pair<std::string, uint16_t>> questions(Mix mix, unsigned rules, unsigned count) {
  std::minstd_rand random(1);
  std::vector<std::pair<std::string, uint16_t>> result;
  for (unsigned i = 0; i < count; ++i) {
    const unsigned index = static_cast<unsigned>(random()) % rules;
    const unsigned host = 1 + static_cast<unsigned>(random()) % 254;
    if (mix == Mix::prefixes)
      result.emplace_back(ipv4_in(index, host), uint16_t{25});
    else if (mix == Mix::prefixes_ipv6)
      result.emplace_back(ipv6_in(index, host), uint16_t{25});
    else if (mix == Mix::ports)
      result.emplace_back(ipv4_in(index / ports_per_prefix, host),
                          static_cast<uint16_t>(1 + index % ports_per_prefix));
    else
      result.emplace_back(fmt::format("198.51.100.{}", host), uint16_t{25});
  }
  return result;
}

}  // namespace clusterbind::bench
