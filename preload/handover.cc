#include "preload/handover.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "preload/file.h"
#include "preload/log.h"
#include "preload/target.h"

namespace clusterbind {
namespace {

// The folder by which sd_booted(3) tells that systemd runs.
constexpr char systemd_folder[] = "/run/systemd/system";

bool starts_units(std::string_view word) {
  constexpr std::string_view verbs[] = {"start", "restart", "try-restart", "reload-or-restart"};
  return std::find(std::begin(verbs), std::end(verbs), word) != std::end(verbs);
}

bool is_systemctl(const char* program) {
  if (is_nowhere(program)) return false;
  constexpr std::string_view name = "systemctl";
  const std::string_view path = program;
  return path == name || (path.ends_with(name) && path[path.size() - name.size() - 1] == '/');
}

}  // namespace

void note_hand_over(const Rules& rules, const char* program, char* const* arguments) {
  if (!is_systemctl(program) || is_nowhere(arguments)) return;
  const char* verb = nullptr;
  for (char* const* argument = arguments; *argument != nullptr; ++argument) {
    if (is_nowhere(*argument)) return;
    if (argument == arguments || **argument == '-') continue;
    if (verb != nullptr) {
      FileIdentity folder;
      if (identify(systemd_folder, folder)) log_hand_over(rules, verb, *argument);
      return;
    }
    if (starts_units(*argument)) verb = *argument;
  }
}

}  // namespace clusterbind
