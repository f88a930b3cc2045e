// `clusterbind check`: whether the rules are correct, what they mean, and what is suspicious about
// them.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "config/keywords.h"
#include "config/tool/check/findings.h"
#include "config/tool/check/start.h"
#include "config/tool/command/terminal.h"
#include "config/tool/commands.h"
#include "config/tool/program/library.h"
#include "config/tool/rules/report.h"

namespace clusterbind::tool {
namespace {

std::string settings_text(const ParsedRules& parsed) {
  std::string text =
      fmt::format("log {}, ports {}, reload {}", word_of(level_words, parsed.settings.log),
                  word_of(ports_words, parsed.settings.ports_spread),
                  word_of(switch_words, parsed.settings.reload));
  if (parsed.settings.only) {
    text += ", only";
    for (const std::string_view name : parsed.only) {
      text += fmt::format("{}{}", name.data() == parsed.only[0].data() ? " " : ", ", name);
    }
  }
  return text;
}

void print_rules(const RuleText& rules) {
  const size_t count = rules.parsed().rules.size();
  fmt::print("{}: {}, {}\n", printable(rules.name()), paint(Colour::good, "OK"),
             counted(count, "rule"));
  const size_t width = fmt::formatted_size("{}", rules.parsed().rules[count - 1].line) + 2;
  for (uint32_t rule = 0; rule < count; ++rule) {
    fmt::print("{:>{}}  {}\n", rules.parsed().rules[rule].line, width,
               rule_text(rules, rule, SIZE_MAX));
  }
  fmt::print("settings: {}\n", settings_text(rules.parsed()));
}

void print_findings(const RuleText& rules, const std::vector<Finding>& findings) {
  constexpr size_t most = 100;
  const std::string label = paint(Colour::warning, "warning:");
  for (const Finding& finding : std::span(findings).first(std::min(findings.size(), most))) {
    fmt::print("{}: {} {}\n",
               finding.rule ? rule_place(rules, *finding.rule) : printable(rules.name()), label,
               printable(finding.message));
    if (!finding.hint.empty()) {
      fmt::print("hint: {}\n", printable(finding.hint));
    }
  }
  if (findings.size() > most) {
    fmt::print("{}: {}\n", printable(rules.name()),
               counted(findings.size() - most, "more warning"));
  }
}

void add_settings(Json& json, const ParsedRules& parsed) {
  json.object("settings");
  json.add("log", word_of(level_words, parsed.settings.log));
  json.add("ports", word_of(ports_words, parsed.settings.ports_spread));
  json.add("reload", parsed.settings.reload);
  if (parsed.settings.only) {
    json.array("only");
    for (const std::string_view name : parsed.only) {
      json.item(name);
    }
    json.end();
  }
  json.end();
}

void print_json(const RuleText& rules, const Given& given, const std::vector<Finding>& findings) {
  Json json;
  json.object();
  json.add("source", rules.name());
  json.add("right", rules.right());
  if (!given.refused.empty()) {
    json.add("refused", given.refused);
  }
  add_errors(json, rules);
  if (rules.right()) {
    add_settings(json, rules.parsed());
    json.array("rules");
    for (uint32_t rule = 0; rule < rules.parsed().rules.size(); ++rule) {
      json.object();
      add_rule(json, rules, rule);
      json.end();
    }
    json.end();
    json.array("findings");
    for (const Finding& finding : findings) {
      json.object();
      json.add("kind", finding.kind);
      if (finding.rule) {
        json.add("line", rules.parsed().rules[*finding.rule].line);
        json.add("rule", *finding.rule + 1);
      }
      json.add("message", finding.message);
      json.add("hint", finding.hint);
      json.end();
    }
    json.end();
  }
  json.end();
  fmt::print("{}\n", json.text());
}

int no_text(const Options& options, const Given& given) {
  if (options.json) {
    Json json;
    json.object();
    json.add("source", given.name);
    json.add("right", false);
    json.add("trouble", given.none ? "no rules anywhere" : given.trouble);
    json.end();
    fmt::print("{}\n", json.text());
  } else {
    say(trouble_report(given));
  }
  return exit_bad;
}

bool is_unknown(const Finding& finding) {
  return finding.kind == unknown_kind;
}

/// The findings to show: with --quiet, only those that make the check fail.
std::vector<Finding> telling(const Options& options, std::vector<Finding> findings) {
  if (options.quiet && !options.strict) {
    std::erase_if(findings, [](const Finding& finding) { return !is_unknown(finding); });
  }
  return findings;
}

int exit_code(const Options& options, bool is_right, const std::vector<Finding>& findings) {
  const auto unknown = std::count_if(findings.begin(), findings.end(), is_unknown);
  const bool fails = static_cast<size_t>(unknown) < findings.size() && options.strict;
  if (!is_right || fails) {
    return exit_bad;
  }
  return unknown != 0 ? exit_unknown : exit_good;
}

}  // namespace

int run_check(const Options& options) {
  if (options.operands.size() + (options.rules ? 1 : 0) + (options.file ? 1 : 0) > 1) {
    complain(fmt::format("one word too many: '{}': check takes one FILE, or -c FILE, or -r RULES",
                         options.operands.back()));
    return exit_usage;
  }
  if (options.start) {
    return check_start(options);
  }
  Given given = options.operands.empty() ? given_by(options) : given_file(options.operands.front());
  if (!given.trouble.empty()) {
    return no_text(options, given);
  }
  const RuleText rules(given.name, std::move(given.text));
  if (!options.json) {
    say(trouble_report(given));
  }
  std::vector<Finding> findings;
  if (rules.right()) {
    findings = options.quiet && !options.strict ? find_sources(rules) : find_all(rules, given);
  }
  if (options.json) {
    print_json(rules, given, findings);
  } else if (!rules.right()) {
    say(error_report(rules));
  } else {
    if (!options.quiet) {
      print_rules(rules);
    }
    print_findings(rules, telling(options, findings));
  }
  if (const std::string warning = version_warning(); !warning.empty() && !options.quiet) {
    complain(warning);
  }
  return exit_code(options, rules.right() && given.refused.empty(), findings);
}

}  // namespace clusterbind::tool
