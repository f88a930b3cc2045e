// Whether a drop-in is in effect, and if not, which file overrides it. This judges what systemd
// shows, not the order of the files, because systemd has many places for settings.

#include <fmt/format.h>

#include <algorithm>

#include "config/tool/host/files.h"
#include "config/tool/program/library.h"
#include "config/tool/units/dropin.h"
#include "config/tool/units/settings.h"
#include "config/tool/units/words.h"

namespace clusterbind::tool {
namespace {

struct Wanted {
  std::string variable;
  std::string value;  // for LD_PRELOAD: one of its entries
};

bool has_value(const Wanted& wanted, const std::string& value) {
  if (wanted.variable != "LD_PRELOAD") {
    return value == wanted.value;
  }
  const auto entries = split(value, " :");
  return std::ranges::find(entries, wanted.value) != entries.end();
}

/// Our entry of LD_PRELOAD.
std::string entry_of(const DropIn& drop_in) {
  for (const std::string_view entry : split(drop_in.preload, " :")) {
    if (base_name(entry) == library_name) {
      return std::string(entry);
    }
  }
  return drop_in.preload;
}

/// The last file, other than ours, that has a setting for which `is_it` is true.
template <typename Predicate>
std::string file_with(const Unit& unit, const std::string& ours, Predicate is_it) {
  std::string file;
  for (const Setting& setting : read_settings(unit.files())) {
    if (setting.file != ours && is_it(setting)) {
      file = setting.file;
    }
  }
  return file.empty() ? "another setting of the unit" : file;
}

bool sets(const Setting& setting, std::string_view variable) {
  return setting.key == "Environment" &&
         (setting.value.empty() || !set_by_environment({setting}, variable).empty());
}

std::string command_undone(const Unit& unit, const DropIn& drop_in, const std::string& ours) {
  std::string wanted = drop_in.program;
  wanted += drop_in.way == Way::library ? " check --start"
            : drop_in.file.empty()      ? ""
                                        : " -c " + drop_in.file;
  const auto commands = unit.commands("ExecStartPre");
  if (std::ranges::find(commands, wanted) != commands.end()) {
    return {};
  }
  return fmt::format("{} takes its ExecStartPre= line away",
                     file_with(unit, ours, [](const Setting& setting) {
                       return setting.key == "ExecStartPre" && setting.value.empty();
                     }));
}

std::string variable_undone(const Unit& unit, const Wanted& wanted, const std::string& ours) {
  for (const std::string& unset : unit.words("UnsetEnvironment")) {
    if (unset.substr(0, unset.find('=')) == wanted.variable) {
      return fmt::format("{} has UnsetEnvironment={}",
                         file_with(unit, ours,
                                   [&](const Setting& setting) {
                                     return setting.key == "UnsetEnvironment" &&
                                            setting.value.find(wanted.variable) !=
                                                std::string::npos;
                                   }),
                         unset);
    }
  }
  if (!has_value(wanted, unit.variable(wanted.variable))) {
    return fmt::format(
        "{} sets Environment= after it, so {} lacks {}",
        file_with(unit, ours,
                  [&](const Setting& setting) { return sets(setting, wanted.variable); }),
        wanted.variable, wanted.value);
  }
  const auto files = unit.properties.find("EnvironmentFiles");
  if (files == unit.properties.end()) {
    return {};
  }
  for (const std::string& line : files->second) {
    std::string file;
    const std::string value =
        set_by_file(line.substr(0, line.rfind(" (ignore_errors=")), wanted.variable, file);
    if (!file.empty() && !has_value(wanted, value)) {
      return fmt::format("{}, an EnvironmentFile= of the unit, sets {}: write there {}={}", file,
                         wanted.variable, wanted.variable,
                         wanted.variable == "LD_PRELOAD" && !value.empty()
                             ? fmt::format("\"{} {}\"", wanted.value, value)
                             : wanted.value);
    }
  }
  return {};
}

}  // namespace

std::string undone_by(const Unit& unit, const DropIn& drop_in) {
  const auto paths = unit.words("DropInPaths");
  const std::string own = drop_in_path(unit.name);
  const std::string of_template = drop_in_path(unit.template_name());
  const bool has_own = std::ranges::find(paths, own) != paths.end();
  if (!has_own && std::ranges::find(paths, of_template) == paths.end()) {
    for (const std::string& path : paths) {
      if (base_name(path) == base_name(own)) {
        return fmt::format("{} takes its place", path);
      }
    }
    return fmt::format("systemd does not read {}", own);
  }
  const std::string& ours = has_own ? own : of_template;
  if (std::string trouble = command_undone(unit, drop_in, ours); !trouble.empty()) {
    return trouble;
  }
  if (drop_in.way == Way::kernel) {
    return {};
  }
  std::vector<Wanted> wanted = {{"LD_PRELOAD", entry_of(drop_in)}, {"CLUSTERBIND_FOLLOW", "1"}};
  if (!drop_in.file.empty()) {
    wanted.push_back({"CLUSTERBIND_CONFIG", drop_in.file});
    if (!unit.variable("CLUSTERBIND_RULES").empty()) {
      return fmt::format("{} sets CLUSTERBIND_RULES, which wins over the file",
                         file_with(unit, ours, [](const Setting& setting) {
                           return sets(setting, "CLUSTERBIND_RULES");
                         }));
    }
  }
  for (const Wanted& one : wanted) {
    if (std::string trouble = variable_undone(unit, one, ours); !trouble.empty()) {
      return trouble;
    }
  }
  return {};
}

}  // namespace clusterbind::tool
