// `clusterbind doctor UNIT`: whether the library can reach the programs of a systemd unit.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "config/tool/doctor/by_kernel.h"
#include "config/tool/doctor/doctor.h"
#include "config/tool/units/plan.h"

namespace clusterbind::tool {
namespace {

/// The plan of `enable --library` or `enable --kernel`, which is only looked at.
Plan plan_by(Way way, Options options, const std::string& name) {
  options.library = way == Way::library;
  options.kernel = way == Way::kernel;
  return plan_unit(options, name);
}

/// "clusterbind enable --now -c FILE UNIT", or how to look at a unit that is enabled already.
std::string next_command(const Plan& plan, std::string_view way) {
  const std::string name = quoted(plan.unit.name);
  if (plan.old_text) {
    return "clusterbind status " + name;
  }
  const std::string& file = plan.drop_in.file;
  return fmt::format("clusterbind enable{} --now{} {}", way,
                     file.empty() ? std::string() : " -c " + quoted(file), name);
}

Verdict verdict_of(const Plan& plan, const std::optional<Plan>& by_kernel) {
  if (plan.trouble.empty()) {
    return {Verdict::yes, fmt::format("reachable{}: {}", plan.old_text ? ", and enabled" : "",
                                      next_command(plan, ""))};
  }
  const bool is_unknown =
      plan.is_unknown || property(plan.unit.properties, "LoadState") == "not-found";
  std::string text =
      fmt::format("{}: {}", is_unknown ? "could not find out" : "not reachable", plan.trouble);
  if (by_kernel && by_kernel->trouble.empty()) {
    text += fmt::format("; rules in the kernel reach it (root, Linux 5.10): {}",
                        next_command(*by_kernel, " --kernel"));
  }
  return {is_unknown ? Verdict::unknown : Verdict::no, text};
}

void add_unit(Json& json, const Plan& plan) {
  json.add("unit", plan.unit.name);
  json.add("rules", plan.rules);
  json.add("enabled", plan.old_text.has_value());
  json.array("notes");
  for (const std::string& note : plan.notes) {
    json.item(note);
  }
  json.end();
}

void print_unit(const Plan& plan) {
  print_fact("unit", plan.unit.name);
  for (const std::string& command : plan.unit.commands("ExecStart")) {
    print_fact("starts", command);
  }
  if (!plan.rules.empty()) {
    print_fact("rules", plan.rules);
  }
  for (const std::string& note : plan.notes) {
    print_fact("note", note);
  }
}

}  // namespace

bool is_unit_name(std::string_view name) {
  constexpr auto suffixes = std::to_array<std::string_view>(
      {".service", ".socket", ".timer", ".path", ".target", ".slice", ".scope"});
  return name.find('/') == name.npos &&
         std::ranges::any_of(suffixes, [&](auto suffix) { return name.ends_with(suffix); });
}

int examine_unit(const Options& options, const std::string& name) {
  Plan plan = plan_by(Way::library, options, name);
  if (plan.unit.is_unknown && !no_systemd().empty()) {
    plan.trouble = no_systemd();
  }
  std::optional<Plan> by_kernel;
  if (!plan.trouble.empty() && plan.unit.trouble.empty()) {
    by_kernel = plan_by(Way::kernel, options, name);
  }
  const Plan& shown = by_kernel && by_kernel->trouble.empty() ? *by_kernel : plan;
  Json json;
  json.object();
  if (options.json) {
    add_unit(json, shown);
  } else {
    print_unit(shown);
  }
  return finish_verdict(verdict_of(plan, by_kernel), options.json ? &json : nullptr);
}

}  // namespace clusterbind::tool
