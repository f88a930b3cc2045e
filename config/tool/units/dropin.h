// The drop-in of a unit that is under the rules: where it is, what is in it, whether systemd has
// taken it over.
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

/// What is to be, or is, in a drop-in.
struct DropIn {
  Way way = Way::library;
  std::string program;            // that its ExecStartPre line starts
  std::string file;               // the rule file that it names; empty: /etc/clusterbind.conf
  std::string preload;            // library: the whole LD_PRELOAD
  std::vector<std::string> logs;  // library: /dev/log of these chroots is let through
  bool reloads = false;           // kernel: the unit has an ExecReload
};

/// /etc/systemd/system/UNIT.d/zz-clusterbind.conf: it sorts behind all others, which would undo it.
std::string drop_in_path(const std::string& unit);

/// The text of a drop-in.
std::string drop_in_text(const DropIn& drop_in);

/// What a unit's drop-in has; nothing where there is none.
std::optional<DropIn> read_drop_in(const std::string& unit);

/// The names of all units that have one.
std::vector<std::string> units_with_drop_in();

/// The files of a unit without our drop-in, or a template's.
std::vector<std::string> own_files(const Unit& unit);

/// A variable that the unit has without our drop-in. Where that sets it, systemd does not show
/// what it replaces, and specifiers stay as they are written.
std::string own_variable(const Unit& unit, std::string_view variable);

/// Writes a drop-in, whole or not at all. Returns 0 or an errno value.
int write_drop_in(const std::string& unit, const std::string& text);

/// Removes a drop-in, and its folder where nothing else is in it. Returns 0 or an errno value.
int remove_drop_in(const std::string& unit);

/// Why the drop-in is not in effect in a unit as systemd shows it now, with the file that undoes
/// it; empty where it is.
std::string undone_by(const Unit& unit, const DropIn& drop_in);

}  // namespace clusterbind::tool
