#include "config/tool/units/sandbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"

namespace clusterbind::tool {
namespace {

/// Whether a path is the folder itself or lies below it.
bool is_below(std::string_view path, std::string_view folder) {
  while (folder.size() > 1 && folder.ends_with('/')) {
    folder.remove_suffix(1);
  }
  return folder == "/" || path == folder ||
         (path.starts_with(folder) && path.substr(folder.size()).starts_with('/'));
}

/// The path in an entry such as "-+/etc:ro".
std::string_view path_of_entry(std::string_view entry) {
  entry.remove_prefix(std::min(entry.find('/'), entry.size()));
  return entry.substr(0, entry.find(':'));
}

/// The first of the needed files that lies in a folder; empty if none does.
std::string hidden_below(std::string_view folder, const std::vector<std::string>& needed) {
  const auto found = std::ranges::find_if(
      needed, [&](const std::string& file) { return !folder.empty() && is_below(file, folder); });
  return found == needed.end() ? std::string() : *found;
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

/// Whether an entry of SocketBindDeny= or SocketBindAllow= concerns port 0, to which the library
/// binds: those without ports do, if they are for TCP.
bool concerns_port_zero(std::string_view entry) {
  return entry.find_first_of(
             "0123456789", entry.find("tcp") == entry.npos ? 0 : entry.find("tcp")) == entry.npos &&
         entry.find("udp") == entry.npos;
}

/// Removes the family, so that digits that are left are ports: "ipv4:tcp" has none.
std::string without_family(std::string entry) {
  for (const std::string_view family : {"ipv4", "ipv6"}) {
    if (entry.starts_with(family)) {
      entry.erase(0, family.size());
    }
  }
  return entry;
}

bool has_entry_for_port_zero(const Unit& unit, std::string_view property) {
  const auto words = unit.words(property);
  return std::ranges::any_of(
      words, [](const std::string& word) { return concerns_port_zero(without_family(word)); });
}

bool has_apparmor_profile(const std::string& program) {
  const std::string profiles =
      read_file("/sys/kernel/security/apparmor/profiles", size_t{1} << 20).value_or("");
  return std::ranges::any_of(split(profiles, "\n"), [&](std::string_view line) {
    return line.substr(0, line.rfind(" (")) == program;
  });
}

/// Whether the unit binds the file, or a folder around it, to its place.
bool is_bound(const Unit& unit, const std::string& file) {
  for (const char* const name : {"BindPaths", "BindReadOnlyPaths"}) {
    for (const std::string& entry : unit.words(name)) {
      const auto parts = split(entry, ":");  // SOURCE:PLACE:rbind
      if (parts.size() > 1 && is_below(file, parts[1])) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

std::string hides_files(const Unit& unit, const std::vector<std::string>& needed) {
  for (const char* const name : {"RootDirectory", "RootImage"}) {
    if (const std::string root = property(unit.properties, name); !root.empty()) {
      return fmt::format(
          "{}={}: it starts in another root, where neither this tool nor the library "
          "is; set it up in there, by that root's own unit file",
          name, root);
    }
  }
  // systemd binds files into new file systems, but not below what it makes inaccessible.
  std::vector<std::string> unbound;
  std::ranges::copy_if(needed, std::back_inserter(unbound),
                       [&](const std::string& file) { return !is_bound(unit, file); });
  for (const std::string& entry : unit.words("TemporaryFileSystem")) {
    if (const std::string file = hidden_below(path_of_entry(entry), unbound); !file.empty()) {
      return fmt::format("TemporaryFileSystem={} hides {}; add to the unit: BindReadOnlyPaths={}",
                         entry, file, file);
    }
  }
  for (const std::string& entry : unit.words("InaccessiblePaths")) {
    if (const std::string file = hidden_below(path_of_entry(entry), needed); !file.empty()) {
      return fmt::format("InaccessiblePaths={} hides {}; keep that elsewhere", entry, file);
    }
  }
  const std::string home = property(unit.properties, "ProtectHome");
  if (home == "yes" || home == "tmpfs") {
    for (const char* const folder : {"/home", "/root", "/run/user"}) {
      const std::string file = hidden_below(folder, home == "tmpfs" ? unbound : needed);
      if (!file.empty()) {
        return fmt::format("ProtectHome={} hides {}; keep that elsewhere", home, file);
      }
    }
  }
  const std::string temporary = property(unit.properties, "PrivateTmp");
  if (temporary != "no" && !temporary.empty()) {
    for (const char* const folder : {"/tmp", "/var/tmp"}) {
      if (const std::string file = hidden_below(folder, unbound); !file.empty()) {
        return fmt::format("PrivateTmp={} hides {}; keep that elsewhere", temporary, file);
      }
    }
  }
  return {};
}

std::string forbids_bind(const Unit& unit) {
  // systemd shows the system calls themselves, with a leading `~` if they are the forbidden ones.
  const std::string filter = property(unit.properties, "SystemCallFilter");
  const bool denies = filter.starts_with('~');
  std::vector<std::string> calls;
  for (const std::string_view call : split(filter, " ~")) {
    calls.emplace_back(call.substr(0, call.find(':')));
  }
  if (!filter.empty() && contains(calls, "bind") == denies) {
    return "SystemCallFilter= forbids bind(2), with which the library sets the source address; add "
           "to the unit: SystemCallFilter=bind";
  }
  if (has_entry_for_port_zero(unit, "SocketBindDeny") &&
      !has_entry_for_port_zero(unit, "SocketBindAllow")) {
    return "SocketBindDeny= forbids bind(2), with which the library sets the source address; add "
           "to the unit: SocketBindAllow=tcp";
  }
  return {};
}

std::vector<std::string> sandbox_notes(const Unit& unit, const std::string& program) {
  std::vector<std::string> notes;
  const std::string families = property(unit.properties, "RestrictAddressFamilies");
  const bool denies = families.starts_with('~');
  std::vector<std::string> names;
  for (const std::string_view name : split(families, " ~")) {
    names.emplace_back(name);
  }
  if (!families.empty() && contains(names, "AF_UNIX") == denies) {
    notes.emplace_back(
        "RestrictAddressFamilies= lacks AF_UNIX: what the library has to say does not reach "
        "syslog; add to the unit: RestrictAddressFamilies=AF_UNIX");
  }
  for (const char* const name : {"AppArmorProfile", "SELinuxContext"}) {
    if (const std::string profile = property(unit.properties, name); !profile.empty()) {
      notes.push_back(
          fmt::format("{}={}: if the change to it cleans the environment, the loader "
                      "drops the library, and the unit does not start; then do: "
                      "clusterbind enable --kernel {}",
                      name, profile, unit.name));
    }
  }
  if (has_apparmor_profile(program)) {
    notes.push_back(
        fmt::format("AppArmor has a profile for {}: it must let the program read the "
                    "library and the rule file",
                    program));
  }
  return notes;
}

}  // namespace clusterbind::tool
