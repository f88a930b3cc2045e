// What `clusterbind audit` found, added up.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "config/tool/connections/deviations.h"

namespace clusterbind::tool {

/// The number of deviations of each kind, in the order of Deviation::Kind.
using KindCounts = std::array<size_t, 4>;

/// The deviations of one program under one rule.
struct Sum {
  std::string program;  // the executable's file name; empty if the process is unknown
  uint32_t rule = 0;
  KindCounts counts = {};
};

/// Ordered by program, then by rule.
std::vector<Sum> sums_of(const std::vector<Deviation>& deviations);

KindCounts count_kinds(const std::vector<Deviation>& deviations);

/// "2 leaks, 0 ended, 1 else direct, 0 by the program's own choice". `is_short` leaves out zeros.
std::string counts_text(const KindCounts& counts, bool is_short);

/// What to do about the leaks: a sentence for each program, without repetitions.
std::vector<std::string> next_steps(const std::vector<Deviation>& deviations);

}  // namespace clusterbind::tool
