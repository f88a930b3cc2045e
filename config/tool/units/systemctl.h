// systemd, asked and told through systemctl(1).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/tool/host/command.h"

namespace clusterbind::tool {

/// What `systemctl show` says of a unit: each property with its values, in the order of its lines.
using Properties = std::map<std::string, std::vector<std::string>, std::less<>>;

/// The first value of a property; empty where there is none.
std::string property(const Properties& properties, std::string_view name);

/// Every property of a unit. Empty where systemctl failed; `trouble` has its words then.
Properties show_unit(const std::string& unit, std::string& trouble);

/// The loaded units whose name matches a pattern of systemctl(1).
std::vector<std::string> loaded_units(const std::string& pattern);

/// Runs systemctl with these words.
Ran systemctl(std::vector<std::string> words);

/// Why systemd cannot be asked here; empty where it can.
std::string no_systemd();

}  // namespace clusterbind::tool
