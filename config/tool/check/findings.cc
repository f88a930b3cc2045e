#include "config/tool/check/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/tool/check/doubtful.h"
#include "config/tool/check/families.h"
#include "config/tool/check/shadowed.h"
#include "config/tool/command/terminal.h"
#include "config/tool/host/host.h"
#include "config/tool/program/naming.h"
#include "config/tool/rules/broadcast.h"
#include "config/tool/rules/report.h"

namespace clusterbind::tool {
namespace {

/// Whether this host holds any of the addresses.
Held any_held(const std::vector<Address>& sources) {
  Held result{Presence::absent, {}};
  for (const Address& source : sources) {
    Held held = held_by_this_host(source);
    if (held.presence == Presence::here) {
      return held;
    }
    if (held.presence == Presence::unknown) {
      result = held;
    }
  }
  return result;
}

bool is_broadcast_here(const Address& source) {
  return held_by_this_host(source).presence == Presence::broadcast;
}

std::string missing_hint(const Rule& rule, const std::vector<Address>& sources) {
  const bool is_translated = std::all_of(sources.begin(), sources.end(), may_be_translated);
  const bool refused = rule.fallback == Fallback::refuse;
  std::string hint = fmt::format("connections of this rule {} until {} is",
                                 refused ? "are refused" : "leave from the node's address",
                                 sources.size() > 1 ? "one of them" : "it");
  if (is_translated) {
    hint += "; if this host is behind NAT, name its private address";
  } else if (refused) {
    hint += ", which is right on a standby node";
  }
  return hint;
}

void find_missing_sources(const RuleText& rules, std::vector<Finding>& out) {
  std::set<std::string> known;
  const auto list = rules.parsed().rules;
  for (uint32_t rule = 0; rule < list.size(); ++rule) {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      if (list[rule].action != Action::bind || !serves(list[rule], family)) {
        continue;
      }
      const std::vector<Address> sources = rules.sources(rule, family);
      std::string text;
      for (const Address& source : sources) {
        append(text, address_text(source));
      }
      if (!known.insert(text).second) {
        continue;
      }
      const Held held = any_held(sources);
      const bool is_list = sources.size() > 1;
      if (!is_list && is_broadcast_here(sources[0])) {
        continue;  // has a finding of its own
      }
      if (held.presence == Presence::absent) {
        out.push_back(
            {"source-missing", rule,
             is_list ? fmt::format("none of the source addresses {} is on this host now", text)
                     : fmt::format("source address {} is not on this host now", text),
             missing_hint(list[rule], sources)});
      } else if (held.presence == Presence::unknown) {
        out.push_back({unknown_kind, rule,
                       fmt::format("could not find out whether {} {} is on this host: {}",
                                   is_list ? "any of" : "source address", text, held.trouble),
                       "run clusterbind check where bind(2) is allowed"});
      }
    }
  }
}

/// One finding for each broadcast address among the sources.
void find_broadcast_sources(const RuleText& rules, std::vector<Finding>& out) {
  for (const BroadcastSource& source : broadcast_sources(rules)) {
    out.push_back({"broadcast-source", source.rule,
                   fmt::format("source address {} is a broadcast address of this host: no "
                               "connection can leave from it",
                               address_text(source.address)),
                   "name the address to send from"});
  }
}

std::string hiders_text(const RuleText& rules, const std::vector<uint32_t>& hiders) {
  std::string text;
  for (const uint32_t rule : hiders) {
    append(text, rules.place(rule), rule == hiders.back() ? " and " : ", ");
  }
  return text;
}

void find_unreachable(const RuleText& rules, std::vector<Finding>& out) {
  const Reachability reach = find_shadowed(rules);
  for (const ShadowedRule& shadowed : reach.shadowed) {
    if (shadowed.by_only) {
      out.push_back({"unreachable", shadowed.rule,
                     "no connection can reach this rule: `only` names none of its programs",
                     "add the program to `only`, or drop the rule"});
    } else if (shadowed.by.empty()) {
      out.push_back(
          {"unreachable", shadowed.rule,
           "no connection can reach this rule: its destinations match no rule",
           "0.0.0.0 and :: are this host itself: write `any`, or 0.0.0.0/0 with loopback; "
           "::ffff:0:0/96 is IPv4"});
    } else {
      out.push_back(
          {"unreachable", shadowed.rule,
           fmt::format("no connection can reach this rule: {} {} it",
                       hiders_text(rules, shadowed.by), shadowed.by.size() == 1 ? "hides" : "hide"),
           "the first rule that matches decides: move this one up, or drop it"});
    }
  }
  if (reach.unexamined != 0) {
    out.push_back({"unexamined", std::nullopt,
                   fmt::format("{} not examined for reachability: that would take too long",
                               counted(reach.unexamined, "rule")),
                   ""});
  }
}

void find_single_families(const RuleText& rules, std::vector<Finding>& out) {
  for (const UncoveredPorts& uncovered : find_uncovered_ports(rules)) {
    const PortRange& first = uncovered.ports.front();
    const bool all = first.low == 1 && first.high == 65535;
    const std::string ports = all ? "" : "port " + ports_text(uncovered.ports, 8);
    const bool ipv6 = uncovered.missing == Family::ipv6;
    out.push_back(
        {"one-family", uncovered.rule,
         fmt::format("{} covered for {} only: {} connections leave from the node's address",
                     all ? "every port is" : ports + " is", ipv6 ? "IPv4" : "IPv6",
                     ipv6 ? "IPv6" : "IPv4"),
         fmt::format("give the rule an {} source address too, or write `refuse to any{}` "
                     "after it",
                     ipv6 ? "IPv6" : "IPv4", all ? "" : " " + ports)});
  }
}

/// Finds names of links and scripts: rules see the name of the executable that runs in the end.
void find_misnamed(const RuleText& rules, std::vector<Finding>& out) {
  constexpr size_t most = 1000;  // each is searched in every folder of PATH
  std::set<std::string_view> asked;
  const auto ask = [&](std::string_view name, std::optional<uint32_t> rule) {
    if (asked.size() == most || !asked.insert(name).second) {
      return;
    }
    const Naming naming = naming_of(std::string(name));
    if (naming.seen != name) {
      out.push_back(
          {"program-name", rule,
           fmt::format("on this host {} is a {} that runs {}: rules see the name {}", name,
                       naming.is_script ? "script" : "link", naming.file, naming.seen),
           naming.is_script
               ? fmt::format("a rule for {0} is for every script that {0} runs", naming.seen)
               : fmt::format("write {} as well, or in its place", naming.seen)});
    }
  };
  for (const std::string_view name : rules.parsed().only) {
    ask(name, std::nullopt);
  }
  for (uint32_t rule = 0; rule < rules.parsed().rules.size() && asked.size() < most; ++rule) {
    for (const std::string_view name : rules.programs(rule)) {
      ask(name, rule);
    }
  }
}

}  // namespace

std::vector<Finding> find_sources(const RuleText& rules) {
  std::vector<Finding> out;
  find_missing_sources(rules, out);
  return out;
}

std::vector<Finding> find_all(const RuleText& rules, const Given& given) {
  std::vector<Finding> out;
  if (given.path) {
    for (FileProblem& problem : file_problems(given)) {
      out.push_back({std::move(problem.kind), std::nullopt, std::move(problem.message),
                     std::move(problem.hint)});
    }
  }
  find_missing_sources(rules, out);
  find_broadcast_sources(rules, out);
  find_doubtful(rules, out);
  find_unreachable(rules, out);
  find_single_families(rules, out);
  find_misnamed(rules, out);
  std::stable_sort(out.begin(), out.end(), [](const Finding& a, const Finding& b) {
    return a.rule.value_or(0) < b.rule.value_or(0);
  });
  return out;
}

}  // namespace clusterbind::tool
