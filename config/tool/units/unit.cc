#include "config/tool/units/unit.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"
#include "config/tool/units/words.h"

namespace clusterbind::tool {
namespace {

// systemd knows a template only through its instances. Loading an instance starts nothing.
constexpr std::string_view instance_to_ask_about = "clusterbind";

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) {
    append(text, word, between);
  }
  return text;
}

/// The services that belong to a unit that starts nothing itself, such as Debian 12's
/// postfix.service.
std::vector<std::string> parts_of(const Unit& unit) {
  std::vector<std::string> services;
  for (const char* const name : {"ConsistsOf", "Wants"}) {
    for (const std::string& other : unit.words(name)) {
      if (other.ends_with(".service") && std::ranges::find(services, other) == services.end()) {
        services.push_back(other);
      }
    }
    if (!services.empty()) {
      break;
    }
  }
  return services;
}

bool starts_nothing(const Unit& unit) {
  const auto programs = unit.programs("ExecStart");
  return !programs.empty() && std::ranges::all_of(programs, [](const std::string& program) {
    return base_name(program) == "true";
  });
}

/// One field of each command line of a property: "{ path=/bin/a ; argv[]=/bin/a -x ; ... }".
std::vector<std::string> fields(const Properties& properties, std::string_view name,
                                std::string_view begin) {
  std::vector<std::string> all;
  const auto found = properties.find(name);
  if (found == properties.end()) {
    return all;
  }
  for (const std::string_view line : found->second) {
    const size_t at = line.find(begin);
    if (at != line.npos) {
      const std::string_view rest = line.substr(at + begin.size());
      all.emplace_back(rest.substr(0, rest.find(" ; ")));
    }
  }
  return all;
}

std::string trouble_of(const Unit& unit) {
  const std::string state = property(unit.properties, "LoadState");
  const std::string error = property(unit.properties, "LoadError");
  if (state == "not-found") {
    return "there is no such unit";
  }
  if (state == "masked") {
    return fmt::format("it is masked, and cannot be started; first: systemctl unmask {}",
                       unit.name);
  }
  if (state != "loaded") {
    const auto words = unit_words(error);
    return fmt::format("systemd cannot load it: {}", words.empty() ? state : words.back());
  }
  if (!unit.name.ends_with(".service")) {
    const auto triggers = unit.words("Triggers");
    return fmt::format("it is not a service, and starts no program{}",
                       triggers.empty() ? "" : "; what it triggers is " + joined(triggers, ", "));
  }
  if (starts_nothing(unit)) {
    const auto parts = parts_of(unit);
    return parts.empty() ? "it starts nothing (its ExecStart is true)"
                         : fmt::format(
                               "it starts nothing itself (its ExecStart is true): what is meant is "
                               "{}; do: clusterbind enable {}",
                               joined(parts, ", "), joined(parts, " "));
  }
  if (unit.commands("ExecStart").empty()) {
    return "it has no ExecStart, and starts no program";
  }
  return {};
}

}  // namespace

std::string Unit::template_name() const {
  const size_t at = name.find('@');
  const size_t dot = name.rfind('.');
  return at == name.npos || dot == name.npos || dot == at + 1
             ? std::string()
             : name.substr(0, at + 1) + name.substr(dot);
}

std::vector<std::string> Unit::words(std::string_view name_of_property) const {
  std::vector<std::string> all;
  const auto found = properties.find(name_of_property);
  if (found != properties.end()) {
    for (const std::string& line : found->second) {
      std::ranges::move(unit_words(line), std::back_inserter(all));
    }
  }
  return all;
}

std::string Unit::variable(std::string_view name_of_variable) const {
  std::string value;
  for (const std::string& word : words("Environment")) {
    if (word.size() > name_of_variable.size() && word.starts_with(name_of_variable) &&
        word[name_of_variable.size()] == '=') {
      value = word.substr(name_of_variable.size() + 1);
    }
  }
  return value;
}

std::vector<std::string> Unit::commands(std::string_view name_of_property) const {
  return fields(properties, name_of_property, " argv[]=");
}

std::vector<std::string> Unit::programs(std::string_view name_of_property) const {
  return fields(properties, name_of_property, "{ path=");
}

std::vector<std::string> Unit::files() const {
  std::vector<std::string> all = {property(properties, "FragmentPath")};
  std::ranges::move(words("DropInPaths"), std::back_inserter(all));
  return all;
}

bool Unit::is_active() const {
  const std::string state = property(properties, "ActiveState");
  return state == "active" || state == "activating" || state == "reloading";
}

Unit read_unit(const std::string& name) {
  Unit unit;
  unit.wanted = name;
  unit.name = name.find('.') == name.npos ? name + ".service" : name;
  unit.shown = unit.name;
  if (const size_t at = unit.name.find("@."); at != unit.name.npos) {
    unit.shown.insert(at + 1, instance_to_ask_about);
  }
  unit.properties = show_unit(unit.shown, unit.trouble);
  if (unit.properties.empty()) {
    unit.is_unknown = true;
    return unit;
  }
  if (!unit.is_template()) {
    unit.name = property(unit.properties, "Id");
    unit.shown = unit.name;
  }
  unit.trouble = trouble_of(unit);
  return unit;
}

std::vector<std::string> active_units(const Unit& unit) {
  std::vector<std::string> units;
  if (!unit.is_template()) {
    if (unit.is_active()) {
      units.push_back(unit.name);
    }
    return units;
  }
  std::string pattern = unit.name;
  pattern.insert(pattern.find("@.") + 1, "*");
  for (const std::string& one : loaded_units(pattern)) {
    if (read_unit(one).is_active()) {
      units.push_back(one);
    }
  }
  return units;
}

}  // namespace clusterbind::tool
