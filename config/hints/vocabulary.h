// Words of other programs, and what they stand for.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "config/keywords.h"

namespace clusterbind::hints {

/// The word of the language that a word of another program stands for, or the word itself in lower
/// case where it is one; empty where it is neither. `i`: its place in the statement; 0 is that of
/// the action, others are those of clauses.
std::string_view meant_by(size_t i, std::string_view word);

/// The same for a value: the one of `expected`; empty where there is none.
std::string_view value_meant_by(std::span<const Keyword> expected, std::string_view word);

}  // namespace clusterbind::hints
