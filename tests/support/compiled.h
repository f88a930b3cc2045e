// Compiled rules in memory of exactly the size that was announced, for tests and fuzzers.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "config/compile.h"
#include "config/rule_text.h"

namespace clusterbind::test {

/// The rules of one program, compiled into blocks of exactly memory_needed() bytes, so that a
/// sanitizer notices an access beyond them. Afterwards the memory that compile() does not keep is
/// released.
class Compiled {
 public:
  Compiled(const RuleText& text, std::string_view program) {
    const MemoryNeeded needed = memory_needed(text.parsed());
    memory_ = std::make_unique_for_overwrite<std::byte[]>(needed.result);
    const auto scratch = std::make_unique_for_overwrite<std::byte[]>(needed.scratch);
    ruleset_ = compile(text.parsed(), program, std::span(memory_.get(), needed.result),
                       std::span(scratch.get(), needed.scratch), used_);
    fits_ = used_ <= needed.result;
    // The rest of the block, which is not kept, must not matter any more.
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
