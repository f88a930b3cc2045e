// A rule text with the memory that reading and compiling it needs, for tests and fuzzers.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/parse.h"
#include "config/ruleset.h"

namespace clusterbind::test {

/// A rule text, read twice as the library reads it: once to count, once to fill the lists.
class RuleText {
 public:
  explicit RuleText(std::string text) : text_(std::move(text)) {
    parse(text_, syntax_, errors_);
    if (!right()) return;
    const Counts counts = syntax_.counts;
    rules_.resize(counts.rules);
    clauses_.resize(counts.rules);
    destinations_.resize(counts.destinations);
    ports_.resize(counts.ports);
    programs_.resize(counts.programs);
    only_.resize(counts.only);
    syntax_.rules = rules_;
    syntax_.clauses = clauses_;
    syntax_.destinations = destinations_;
    syntax_.ports = ports_;
    syntax_.programs = programs_;
    syntax_.only = only_;
    parse(text_, syntax_, errors_);
  }
  RuleText(const RuleText&) = delete;
  RuleText& operator=(const RuleText&) = delete;

  const std::string& text() const { return text_; }
  const Syntax& syntax() const { return syntax_; }
  const Errors& errors() const { return errors_; }
  bool right() const { return errors_.count == 0; }

  std::span<const Destination> destinations(size_t rule) const {
    const Clauses& clauses = clauses_[rule];
    return std::span(destinations_).subspan(clauses.destinations, clauses.destination_count);
  }
  std::span<const PortRange> ports(size_t rule) const {
    const Clauses& clauses = clauses_[rule];
    return std::span(ports_).subspan(clauses.ports, clauses.port_count);
  }
  std::span<const std::string_view> programs(size_t rule) const {
    const Clauses& clauses = clauses_[rule];
    return std::span(programs_).subspan(clauses.programs, clauses.program_count);
  }

 private:
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

/// The rules of one program, compiled into blocks of exactly memory_needed() bytes: where a
/// sanitizer watches, one byte more is seen. Afterwards what compile() does not keep is taken away.
class Compiled {
 public:
  Compiled(const RuleText& text, std::string_view program) {
    const MemoryNeeded needed = memory_needed(text.syntax());
    memory_ = std::make_unique_for_overwrite<std::byte[]>(needed.result);
    const auto scratch = std::make_unique_for_overwrite<std::byte[]>(needed.scratch);
    ruleset_ = compile(text.syntax(), program, std::span(memory_.get(), needed.result),
                       std::span(scratch.get(), needed.scratch), used_);
    fits_ = used_ <= needed.result;
    // What lies behind the part that is kept must not matter any more.
    for (size_t i = used_; i < needed.result; ++i) memory_[i] = std::byte{0xa5};
  }

  const Ruleset* operator->() const { return &ruleset_; }
  bool fits() const { return fits_; }
  size_t used() const { return used_; }

 private:
  std::unique_ptr<std::byte[]> memory_;
  Ruleset ruleset_;
  size_t used_ = 0;
  bool fits_ = false;
};

}  // namespace clusterbind::test
