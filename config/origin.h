// Where the rules come from, and whether a rule file may be trusted. Pure: the caller passes in
// what the environment and fstat(2) say.
#pragma once

#include <sys/stat.h>

#include <string_view>

namespace clusterbind {

constexpr const char* default_file = "/etc/clusterbind.conf";

/// In messages, the name of rules that come from CLUSTERBIND_RULES.
constexpr std::string_view rules_variable = "CLUSTERBIND_RULES";

/// The variables that name rules; null or empty if they are not set.
struct RuleVariables {
  const char* rules = nullptr;   // CLUSTERBIND_RULES
  const char* config = nullptr;  // CLUSTERBIND_CONFIG
};

struct Origin {
  const char* text = nullptr;   // the rules themselves, or
  const char* path = nullptr;   // the file that has them
  bool optional = false;        // if the file does not exist, there are no rules
  const char* wrong = nullptr;  // why the origin cannot be used at all, or null
};

/// Chooses the origin. In secure execution (AT_SECURE, getauxval(3)) the variables are ignored.
constexpr Origin choose_origin(const RuleVariables& variables, bool secure) {
  const auto given = [](const char* value) { return value != nullptr && *value != '\0'; };
  if (!secure && given(variables.rules)) return {variables.rules, nullptr, false, nullptr};
  if (!secure && given(variables.config)) {
    const char* wrong =
        *variables.config == '/' ? nullptr : "CLUSTERBIND_CONFIG must be an absolute path";
    return {nullptr, variables.config, false, wrong};
  }
  return {nullptr, default_file, true, nullptr};
}

/// The process that reads a rule file.
struct Reader {
  uid_t user = 0;           // the effective user when it first read rules
  bool secure = false;      // AT_SECURE (getauxval(3))
  bool is_default = false;  // reads /etc/clusterbind.conf because no file was named
  bool has_rules = false;   // has read rules before: these would replace them

  /// Whether root must own the file, whatever user the process has become since.
  constexpr bool needs_root() const { return user == 0 || secure; }
};

/// In a user namespace, files of the host's root may show another owner (user_namespaces(7)). These
/// facts tell whether such a file belongs to root.
struct UserNamespace {
  std::string_view overflow_uid;  // of /proc/sys/kernel/overflowuid; empty if unreadable
  std::string_view uid_map;       // of /proc/self/uid_map; empty if not read whole
  struct stat folder = {};        // the folder of the default file
  bool has_folder = false;
};

/// Whether a file in /etc whose owner shows as the overflow user counts as root's. It does if no
/// user of the namespace has that id, and only root or users from outside the namespace can have
/// put the file there.
bool counts_as_roots(uid_t owner, const UserNamespace& where);

constexpr bool others_can_write(const struct stat& file) {
  return (file.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

/// Why an open rule file cannot be trusted, by its fstat(2); null if it can. `ask` returns the
/// UserNamespace; it is called only if the file's owner does not settle the question.
template <typename Ask>
const char* distrust(const struct stat& file, const Reader& reader, Ask ask) {
  if (!S_ISREG(file.st_mode)) return "not a regular file";
  if (!reader.needs_root() && !reader.has_rules) return nullptr;
  const bool owned = file.st_uid == 0 || (!reader.needs_root() && file.st_uid == reader.user) ||
                     (reader.is_default && counts_as_roots(file.st_uid, ask()));
  if (!owned) return reader.needs_root() ? "not owned by root" : "neither root's nor its reader's";
  return others_can_write(file) ? "writable by group or others" : nullptr;
}

}  // namespace clusterbind
