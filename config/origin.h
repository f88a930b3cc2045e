// Where the rules come from, and whether a rule file may be believed. Pure: the caller brings what
// the environment and fstat(2) say.
#pragma once

#include <sys/stat.h>

#include <string_view>

namespace clusterbind {

constexpr const char* default_file = "/etc/clusterbind.conf";

/// The name of rules that came from CLUSTERBIND_RULES, in messages.
constexpr std::string_view rules_variable = "CLUSTERBIND_RULES";

/// The variables that name rules; null or empty where they are not set.
struct RuleVariables {
  const char* rules = nullptr;   // CLUSTERBIND_RULES
  const char* config = nullptr;  // CLUSTERBIND_CONFIG
};

struct Origin {
  const char* text = nullptr;   // the rules themselves, or
  const char* path = nullptr;   // the file that has them
  bool optional = false;        // no such file: no rules
  const char* wrong = nullptr;  // why the origin cannot be used at all, or null
};

/// Chooses the origin. In secure execution (AT_SECURE, getauxval(3)) the variables count for
/// nothing.
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

/// Whether a rule file must be root's: it was first read with effective uid 0 or under AT_SECURE.
constexpr bool must_be_roots(uid_t effective, bool secure) {
  return effective == 0 || secure;
}

/// Why an open file cannot be believed, from its fstat(2), or null.
constexpr const char* distrust(const struct stat& file, bool roots) {
  if (!S_ISREG(file.st_mode)) return "not a regular file";
  if (!roots) return nullptr;
  if (file.st_uid != 0) return "not owned by root";
  if ((file.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "writable by group or others";
  return nullptr;
}

}  // namespace clusterbind
