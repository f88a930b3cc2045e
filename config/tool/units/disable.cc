// `clusterbind disable`: takes systemd units out of the rules again.

#include <fmt/format.h>

#include <cstdio>

#include "config/tool/command/json.h"
#include "config/tool/command/terminal.h"
#include "config/tool/commands.h"
#include "config/tool/host/files.h"
#include "config/tool/units/dropin.h"
#include "config/tool/units/restart.h"

namespace clusterbind::tool {
namespace {

struct Removal {
  Unit unit;
  std::optional<DropIn> drop_in;
  std::string trouble;
};

Removal look_at(const Options& options, const std::string& name) {
  Removal removal;
  removal.unit = read_unit(name);
  // The drop-in of a unit may still be there when its package has been removed.
  removal.drop_in = read_drop_in(removal.unit.name);
  if (removal.unit.is_unknown) {
    removal.trouble = removal.unit.trouble;
  } else if (!removal.drop_in) {
    const std::string of_template = removal.unit.template_name();
    if (!of_template.empty() && exists(drop_in_path(of_template))) {
      removal.trouble = fmt::format(
          "its template is enabled, for all instances; do: clusterbind "
          "disable {}",
          of_template);
    } else if (property(removal.unit.properties, "LoadState") == "not-found") {
      removal.trouble = removal.unit.trouble;
    }
  } else if (options.now) {
    removal.trouble = held_by_pacemaker(removal.unit);
  }
  return removal;
}

}  // namespace

int run_disable(const Options& options) {
  if (options.operands.empty()) {
    complain("disable takes the names of units; clusterbind status lists them");
    return exit_usage;
  }
  if (const std::string trouble = cannot_change_units("disable"); !trouble.empty()) {
    complain(trouble);
    return exit_unknown;
  }
  std::vector<Removal> removals;
  bool has_trouble = false;
  for (const std::string& name : options.operands) {
    removals.push_back(look_at(options, name));
    const Removal& removal = removals.back();
    if (!removal.trouble.empty()) {
      has_trouble = true;
      complain(printable(fmt::format("{}: {}", removal.unit.name, removal.trouble)));
    }
  }
  if (has_trouble) {
    complain("nothing was changed");
    return exit_bad;
  }
  std::vector<Step> steps;
  Json json;
  json.object();
  json.array("units");
  for (const Removal& removal : removals) {
    const std::string path = drop_in_path(removal.unit.name);
    const bool is_there = removal.drop_in.has_value();
    if (const int error = is_there ? remove_drop_in(removal.unit.name) : 0; error != 0) {
      complain(fmt::format("{}: {}", path, error_text(error)));
      systemctl({"daemon-reload"});
      return exit_bad;
    }
    json.object();
    json.add("unit", removal.unit.name);
    json.add("removed", is_there);
    json.end();
    if (!options.json) {
      fmt::print("{}: {}\n", printable(removal.unit.name),
                 is_there ? fmt::format("removed {}", path) : "was not enabled");
    }
    if (is_there) {
      for (const std::string& name : active_units(removal.unit)) {
        steps.push_back({name, *removal.drop_in, false});
      }
    }
  }
  json.end();
  json.end();
  systemctl({"daemon-reload"});
  if (options.json) {
    fmt::print("{}\n", json.text());
  }
  return take_steps(steps, options);
}

}  // namespace clusterbind::tool
