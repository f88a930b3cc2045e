// A unit of systemd, as systemd shows it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/tool/units/systemctl.h"

namespace clusterbind::tool {

struct Unit {
  std::string name;    // its Id, or the name of a template
  std::string shown;   // the unit that systemd was asked about: of a template an instance
  std::string wanted;  // what was asked for, where that is another name
  Properties properties;
  std::string trouble;      // why it cannot be put under the rules at all; empty where it can
  bool is_unknown = false;  // the trouble is that systemd could not be asked

  bool is_template() const { return name.find("@.") != name.npos; }

  /// The template of an instance; empty where it is none.
  std::string template_name() const;

  /// The words of a property, without quotes.
  std::vector<std::string> words(std::string_view property) const;

  /// The value of a variable in its Environment=; empty where it is not there.
  std::string variable(std::string_view name) const;

  /// The command lines of a property such as ExecStart, as systemd joins their words.
  std::vector<std::string> commands(std::string_view property) const;

  /// The file of the unit, then those of its drop-ins, in the order in which they count.
  std::vector<std::string> files() const;

  bool is_active() const;
};

/// Asks systemd about a unit; a name without a suffix is a service's.
Unit read_unit(const std::string& name);

/// The units to be restarted for a unit: itself, or a template's loaded instances; those that run.
std::vector<std::string> active_units(const Unit& unit);

}  // namespace clusterbind::tool
