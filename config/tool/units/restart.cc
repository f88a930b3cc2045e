#include "config/tool/units/restart.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <span>

#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"
#include "config/tool/units/systemctl.h"

namespace clusterbind::tool {
namespace {

std::string names(std::span<const Step> steps) {
  std::string text;
  for (const Step& step : steps) {
    append(text, step.unit, " ");
  }
  return text;
}

/// Does one step; its words where it fails.
std::string trouble_of(const Step& step) {
  const Ran ran = systemctl({"try-restart", "--", step.unit});
  return ran.good() ? std::string() : ran.error != 0 ? error_text(ran.error) : ran.output;
}

}  // namespace

std::string cannot_change_units(std::string_view command) {
  if (std::string trouble = no_systemd(); !trouble.empty()) {
    return trouble;
  }
  return geteuid() == 0 ? std::string()
                        : fmt::format("{0} needs root: sudo clusterbind {0} ...", command);
}

std::string held_by_pacemaker(const Unit& unit) {
  for (const std::string& name : active_units(unit)) {
    if (exists(fmt::format("/run/systemd/system/{}.d/50-pacemaker.conf", name))) {
      const std::string type = name.substr(0, name.rfind(".service"));
      return fmt::format(
          "Pacemaker holds {}: leave out --now, then do: crm_resource --restart --resource ID, "
          "where ID is the resource of class systemd and type {}",
          name, type);
    }
  }
  return {};
}

int take_steps(const std::vector<Step>& steps, const Options& options) {
  const std::span<const Step> all(steps);
  if (!options.now) {
    if (!all.empty() && !options.json) {
      fmt::print("to take effect: systemctl restart {}\n", names(all));
    }
    return exit_good;
  }
  for (size_t i = 0; i < all.size(); ++i) {
    if (const std::string trouble = trouble_of(all[i]); !trouble.empty()) {
      complain(printable(fmt::format("{}: the restart failed: {}", all[i].unit, trouble)));
      complain(fmt::format("restarted: {}; not restarted: {}",
                           i == 0 ? "none" : names(all.first(i)), names(all.subspan(i))));
      return exit_bad;
    }
    if (!options.json) {
      fmt::print("restarted {}\n", all[i].unit);
    }
  }
  return exit_good;
}

}  // namespace clusterbind::tool
