// A rule text with the memory that reading and compiling it needs.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/parse.h"
#include "config/ruleset.h"

namespace clusterbind::tool {

/// The rules of one program, compiled.
struct View {
  std::unique_ptr<uint64_t[]> memory;
  Ruleset ruleset;  // its rules have the numbers of Syntax::rules
};

/// A rule text, read. Not to be moved: the Syntax points into it.
class Rules {
 public:
  /// `name` is what errors call it: a path, CLUSTERBIND_RULES or -r.
  Rules(std::string name, std::string text);
  Rules(const Rules&) = delete;
  Rules& operator=(const Rules&) = delete;

  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  const Errors& errors() const { return errors_; }
  bool right() const { return errors_.count == 0; }

  /// The lists are of use only where right().
  const Syntax& syntax() const { return syntax_; }
  std::span<const std::string_view> programs_of(uint32_t rule) const;
  std::span<const Destination> destinations_of(uint32_t rule) const;
  std::span<const PortRange> ports_of(uint32_t rule) const;

  /// Whether an `only` statement leaves this program alone.
  bool spares(std::string_view program) const;

  /// Every program that a rule names, once each, sorted.
  std::vector<std::string_view> named_programs() const;

  /// The rules of a program (an empty name: of one that no rule names). Costs time in proportion to
  /// the number of rules.
  View compile_for(std::string_view program) const;

  /// "line 3", or "rule 2 of line 1" where a line has more than one.
  std::string place(uint32_t rule) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<Rule> rules_;
  std::vector<Clauses> clauses_;
  std::vector<Destination> destinations_;
  std::vector<PortRange> ports_;
  std::vector<std::string_view> programs_;
  std::vector<std::string_view> only_;
  Syntax syntax_;
  Errors errors_;
};

/// The views of a Rules, each compiled when it is first asked for.
class Views {
 public:
  explicit Views(const Rules& rules) : rules_(rules), named_(rules.named_programs()) {}

  const View& of(std::string_view program);

 private:
  const Rules& rules_;
  std::vector<std::string_view> named_;
  std::map<std::string_view, View> views_;
};

}  // namespace clusterbind::tool
