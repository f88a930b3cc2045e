// The drop-in of a unit that is under the rules: where it is, what it contains, and whether it is
// in effect.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/tool/units/unit.h"

namespace clusterbind::tool {

enum class Way { library, kernel };

constexpr const char* way_word(Way way) {
  return way == Way::library ? "library" : "kernel";
}

/// The contents of a drop-in, as they are or as they are to be written.
struct DropIn {
  Way way = Way::library;
  std::string program;            // started by its ExecStartPre line
  std::string file;               // the rule file that it names; if empty, /etc/clusterbind.conf
  std::string preload;            // library: the whole value of LD_PRELOAD
  std::vector<std::string> logs;  // library: the /dev/log of these chroots is made available
  bool reloads = false;           // kernel: the unit has an ExecReload
};

/// /etc/systemd/system/UNIT.d/zz-clusterbind.conf. The name sorts last, so that no other drop-in
/// undoes it.
std::string drop_in_path(const std::string& unit);

/// The text of a drop-in.
std::string drop_in_text(const DropIn& drop_in);

/// What a unit's drop-in contains; nothing if there is none.
std::optional<DropIn> read_drop_in(const std::string& unit);

/// The names of all units that have one.
std::vector<std::string> units_with_drop_in();

/// The files of a unit or a template, without our drop-in.
std::vector<std::string> own_files(const Unit& unit);

/// The value that a variable has in the unit without our drop-in. If our drop-in sets the variable,
/// systemd does not show the value that it replaces: it is then read from the unit's files, where
/// specifiers are not expanded.
std::string own_variable(const Unit& unit, std::string_view variable);

/// Writes a drop-in atomically. Returns 0 or an errno value.
int write_drop_in(const std::string& unit, const std::string& text);

/// Removes a drop-in, and its folder if that is then empty. Returns 0 or an errno value.
int remove_drop_in(const std::string& unit);

/// Why the drop-in is not in effect in a unit as systemd shows it now, with the file that overrides
/// it; empty if it is in effect.
std::string undone_by(const Unit& unit, const DropIn& drop_in);

}  // namespace clusterbind::tool
