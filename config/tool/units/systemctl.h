// Runs systemctl(1).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/tool/host/command.h"

namespace clusterbind::tool {

/// What `systemctl show` prints about a unit: each property with its values, in the order of the
/// lines.
using Properties = std::map<std::string, std::vector<std::string>, std::less<>>;

/// The first value of a property; empty if there is none.
std::string property(const Properties& properties, std::string_view name);

/// Every property of a unit. Empty if systemctl failed; `trouble` then has its message.
Properties show_unit(const std::string& unit, std::string& trouble);

/// The loaded units whose name matches a pattern of systemctl(1).
std::vector<std::string> loaded_units(const std::string& pattern);

/// Runs systemctl with these arguments.
CommandResult systemctl(std::vector<std::string> words);

/// Why systemd cannot be asked here; empty if it can.
std::string no_systemd();

}  // namespace clusterbind::tool
