// A systemd unit, as systemctl shows it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/tool/units/systemctl.h"

namespace clusterbind::tool {

struct Unit {
  std::string name;    // its Id, or the name of a template
  std::string shown;   // the unit that systemd was asked about: for a template, an instance
  std::string wanted;  // the name that was asked for, if it is an alias
  Properties properties;
  std::string trouble;      // why it cannot be put under the rules at all; empty if it can
  bool is_unknown = false;  // the trouble is that systemd could not be asked

  bool is_template() const { return name.find("@.") != name.npos; }

  /// The template of an instance; empty if the unit is no instance.
  std::string template_name() const;

  /// The words of a property, without quotes.
  std::vector<std::string> words(std::string_view property) const;

  /// The value of a variable in its Environment=; empty if it is not set there.
  std::string variable(std::string_view name) const;

  /// The command lines of a property such as ExecStart, as systemd joins their words.
  std::vector<std::string> commands(std::string_view property) const;

  /// The programs of those command lines. The first word of a command line may be another name, by
  /// `@`: systemd.service(5).
  std::vector<std::string> programs(std::string_view property) const;

  /// The unit's own file, then those of its drop-ins, in the order in which systemd applies them.
  std::vector<std::string> files() const;

  bool is_active() const;
};

/// Asks systemd about a unit. A name without a suffix means a service.
Unit read_unit(const std::string& name);

/// The running units to restart for a unit: itself or, for a template, its instances.
std::vector<std::string> active_units(const Unit& unit);

}  // namespace clusterbind::tool
