#include "config/tool/units/systemctl.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"

namespace clusterbind::tool {

std::string property(const Properties& properties, std::string_view name) {
  const auto found = properties.find(name);
  return found == properties.end() ? std::string() : found->second.front();
}

CommandResult systemctl(std::vector<std::string> words) {
  // English output without colours, whatever this user's settings are.
  words.insert(words.begin(), {"env", "LC_ALL=C", "SYSTEMD_COLORS=0", "systemctl", "--no-pager"});
  CommandResult ran = run_command(words);
  while (ran.output.ends_with('\n')) {
    ran.output.pop_back();
  }
  return ran;
}

Properties show_unit(const std::string& unit, std::string& trouble) {
  Properties properties;
  const CommandResult ran = systemctl({"show", "--all", "--", unit});
  if (!ran.good()) {
    trouble = ran.error != 0 ? fmt::format("systemctl: {}", error_text(ran.error)) : ran.output;
    std::ranges::replace(trouble, '\n', ' ');
    return properties;
  }
  for (const std::string_view line : split(ran.output, "\n")) {
    const size_t equals = line.find('=');
    if (equals != line.npos) {
      properties[std::string(line.substr(0, equals))].emplace_back(line.substr(equals + 1));
    }
  }
  return properties;
}

std::vector<std::string> loaded_units(const std::string& pattern) {
  std::vector<std::string> units;
  const CommandResult ran =
      systemctl({"list-units", "--all", "--plain", "--no-legend", "--", pattern});
  if (!ran.good()) {
    return units;
  }
  for (const std::string_view line : split(ran.output, "\n")) {
    const auto words = split(line, " ");
    if (!words.empty()) {
      units.emplace_back(words[0]);
    }
  }
  return units;
}

std::string no_systemd() {
  return exists("/run/systemd/system")
             ? std::string()
             : "systemd does not run here: start the program with clusterbind-run";
}

}  // namespace clusterbind::tool
