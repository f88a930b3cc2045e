#include "config/tool/audit/sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"
#include "config/tool/host/process.h"

namespace clusterbind::tool {
namespace {

std::string next_step(const Deviation& leak) {
  if (leak.owner.pid == 0) {
    return fmt::format("find out which process it is: {}", permission_hint());
  }
  const std::string program = printable(base_name(leak.owner.executable));
  return leak.is_older_than_rules
             ? fmt::format("restart {}, which has the former rules", program)
             : fmt::format("clusterbind doctor --pid {} tells why {} does not follow the rule",
                           leak.owner.pid, program);
}

}  // namespace

std::vector<Sum> sums_of(const std::vector<Deviation>& deviations) {
  std::map<std::pair<std::string, uint32_t>, KindCounts> found;
  for (const Deviation& one : deviations) {
    ++found[{std::string(base_name(one.owner.executable)), one.rule}].at(one.kind);
  }
  std::vector<Sum> sums;
  for (const auto& [key, counts] : found) {
    sums.push_back({key.first, key.second, counts});
  }
  return sums;
}

KindCounts count_kinds(const std::vector<Deviation>& deviations) {
  KindCounts counts = {};
  for (const Deviation& one : deviations) {
    ++counts.at(one.kind);
  }
  return counts;
}

std::string counts_text(const KindCounts& counts, bool is_short) {
  const KindCounts& all = counts;
  const std::array<std::string, 4> parts = {
      counted(all[Deviation::leak], "leak"), fmt::format("{} ended", all[Deviation::ended]),
      fmt::format("{} else direct", all[Deviation::else_direct]),
      fmt::format("{} by the program's own choice", all[Deviation::own_choice])};
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!is_short || counts.at(i) != 0) {
      append(text, parts.at(i), ", ");
    }
  }
  return text;
}

std::vector<std::string> next_steps(const std::vector<Deviation>& deviations) {
  std::vector<std::string> steps;
  std::set<std::string_view> programs;
  for (const Deviation& one : deviations) {
    if (one.kind == Deviation::leak && programs.insert(base_name(one.owner.executable)).second) {
      steps.push_back(next_step(one));
    }
  }
  return steps;
}

}  // namespace clusterbind::tool
