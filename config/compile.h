// Makes the compiled form of rules, in memory that the caller provides.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "config/parse.h"
#include "config/ruleset.h"

namespace clusterbind {

/// The most bytes that compile() needs: for its result, and as scratch space.
struct MemoryNeeded {
  size_t result = 0;
  size_t scratch = 0;
};
MemoryNeeded memory_needed(const ParsedRules& parsed);

/// Compiles the rules of `parsed` that apply to `program` (an empty name: a program that no rule
/// names). `result` and `scratch` must be aligned for uint64_t and have at least memory_needed()
/// bytes. `used` receives how many bytes of `result` are in use; the rest may be given back.
Ruleset compile(const ParsedRules& parsed, std::string_view program, std::span<std::byte> result,
                std::span<std::byte> scratch, size_t& used);

}  // namespace clusterbind
