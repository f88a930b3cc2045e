#include "config/tool/check/doubtful.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/keywords.h"
#include "config/tool/host/host.h"
#include "config/tool/rules/report.h"
#include "config/values.h"

namespace clusterbind::tool {
namespace {

// RFC 1918, 6598, 3927, 4193 and 4291.
constexpr const char* private_prefixes[] = {"10.0.0.0/8",    "172.16.0.0/12",  "192.168.0.0/16",
                                            "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
                                            "fc00::/7",      "fe80::/10",      "::1/128"};

bool is_public(const Address& address) {
  return std::none_of(
      std::begin(private_prefixes), std::end(private_prefixes), [&](const char* text) {
        const PrefixWord prefix = read_prefix(text);
        return prefix.address && prefix.address->family == address.family &&
               first_address(address, static_cast<unsigned>(prefix.length)) == *prefix.address;
      });
}

/// Some address within a destination; for `any`, a documentation address (RFC 5737, 3849).
Address example_of(const Destination& destination, Family family) {
  if (destination.any || destination.length == 0) {
    return *read_address(family == Family::ipv4 ? "198.51.100.1" : "2001:db8:ffff::1");
  }
  Address address = destination.first;
  if (destination.length < bits(family)) {
    ++address.low;
  }
  return address;
}

/// The destinations of a rule that its source address of this family serves.
std::vector<Destination> destinations_of(const RuleText& rules, uint32_t rule, Family family) {
  std::vector<Destination> found;
  for (const Destination& one : rules.destinations(rule)) {
    if (one.any || one.first.family == family) {
      found.push_back(one);
    }
  }
  if (rules.destinations(rule).empty()) {
    found.push_back({{}, 0, true});
  }
  return found;
}

bool is_outside_loopback(const Destination& destination) {
  return destination.any || !is_loopback(first_address(destination.first, destination.length)) ||
         !is_loopback(last_address(destination.first, destination.length));
}

void find_loopback_source(const RuleText& rules, uint32_t rule, Family family,
                          std::set<std::string>& told, std::vector<Finding>& out) {
  const auto sources = rules.sources(rule, family);
  const auto destinations = destinations_of(rules, rule, family);
  if (std::all_of(sources.begin(), sources.end(), is_loopback) &&
      std::any_of(destinations.begin(), destinations.end(), is_outside_loopback) &&
      told.insert(address_text(sources.front())).second) {
    out.push_back({"loopback-source", rule,
                   fmt::format("source address {} is a loopback address: connections that leave "
                               "this host fail",
                               address_text(sources.front())),
                   "name the address to send from, or write `to 127.0.0.0/8` or `to ::1`"});
  }
}

/// In a list, one of the addresses may well be the node's own.
void find_own_source(const RuleText& rules, uint32_t rule, Family family,
                     std::set<std::string>& asked, std::vector<Finding>& out) {
  const auto sources = rules.sources(rule, family);
  if (sources.size() != 1 || is_loopback(sources.front()) ||
      !asked.insert(address_text(sources.front())).second) {
    return;
  }
  const auto destinations = destinations_of(rules, rule, family);
  const bool is_own = !destinations.empty() &&
                      kernels_choice(example_of(destinations.front(), family)) == sources.front();
  if (is_own) {
    out.push_back({"own-address", rule,
                   fmt::format("source address {} is the one that this node takes without a rule",
                               address_text(sources.front())),
                   "a cluster IP is an address that moves between nodes: is this one meant?"});
  }
}

/// A rule that has only such destinations is unreachable, which is a finding of its own.
void find_this_host(const RuleText& rules, uint32_t rule, std::vector<Finding>& out) {
  const auto destinations = rules.destinations(rule);
  const auto is_this_host = [](const Destination& one) {
    return !one.any && one.length == bits(one.first.family) && is_wildcard(one.first);
  };
  const auto found = std::find_if(destinations.begin(), destinations.end(), is_this_host);
  if (found == destinations.end() ||
      std::all_of(destinations.begin(), destinations.end(), is_this_host)) {
    return;
  }
  out.push_back({"this-host", rule,
                 fmt::format("destination {} matches no connection: it means this host itself",
                             address_text(found->first)),
                 fmt::format("write `any`, or {}/0 with loopback", address_text(found->first))});
}

}  // namespace

void find_doubtful(const RuleText& rules, std::vector<Finding>& out) {
  std::set<std::string> told;
  std::set<std::string> asked;
  const auto list = rules.parsed().rules;
  for (uint32_t rule = 0; rule < list.size(); ++rule) {
    find_this_host(rules, rule, out);
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      if (list[rule].action == Action::bind && serves(list[rule], family)) {
        find_loopback_source(rules, rule, family, told, out);
        find_own_source(rules, rule, family, asked, out);
      }
    }
  }
}

bool may_be_translated(const Address& source) {
  const auto own = kernels_choice(example_of({{}, 0, true}, source.family));
  return is_public(source) && (!own || !is_public(*own));
}

}  // namespace clusterbind::tool
