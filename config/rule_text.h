// A rule text with the memory that reading and compiling it needs: for the tools and the tests. The
// library has memory of its own for them (preload/build.cc).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/parse.h"
#include "config/ruleset.h"

namespace clusterbind {

/// The rules of one program, compiled.
struct View {
  std::unique_ptr<uint64_t[]> memory;
  Ruleset ruleset;  // its rules have the numbers of ParsedRules::rules
};

/// A parsed rule text. It cannot be moved, because the ParsedRules points into it.
class RuleText {
 public:
  /// `name` stands for the text in errors: a path, CLUSTERBIND_RULES or -r.
  RuleText(std::string name, std::string text);
  explicit RuleText(std::string text) : RuleText("-r", std::move(text)) {}
  RuleText(const RuleText&) = delete;
  RuleText& operator=(const RuleText&) = delete;

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  const Errors& errors() const { return errors_; }
  bool right() const { return errors_.count == 0; }

  /// Use the lists only if right().
  const ParsedRules& parsed() const { return parsed_; }
  /// The source addresses of a bind rule, in the order of its text. The second function returns
  /// those of one family, which a connection chooses from.
  std::vector<Address> sources(size_t rule) const;
  std::vector<Address> sources(size_t rule, Family family) const;
  std::span<const std::string_view> programs(size_t rule) const;
  std::span<const Destination> destinations(size_t rule) const;
  std::span<const PortRange> ports(size_t rule) const;

  /// Whether an `only` statement leaves this program alone.
  bool excludes(std::string_view program) const;

  /// Every program that a rule names, once each, sorted.
  std::vector<std::string_view> named_programs() const;

  /// The rules of a program (an empty name: of one that no rule names). Costs time in proportion to
  /// the number of rules.
  View compile_for(std::string_view program) const;

  /// "line 3", or "rule 2 of line 1" if a line has more than one.
  std::string place(uint32_t rule) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<Rule> rules_;
  std::vector<Clauses> clauses_;
  std::vector<Address> sources_;
  std::vector<Destination> destinations_;
  std::vector<PortRange> ports_;
  std::vector<std::string_view> programs_;
  std::vector<std::string_view> only_;
  ParsedRules parsed_;
  Errors errors_;
};

/// The rules of a RuleText for each program, compiled when they are first asked for.
class Views {
 public:
  explicit Views(const RuleText& rules) : rules_(rules), named_(rules.named_programs()) {}

  const View& of(std::string_view program);

 private:
  const RuleText& rules_;
  std::vector<std::string_view> named_;
  std::map<std::string_view, View> views_;
};

}  // namespace clusterbind
