// The rule text that a command is about: from an option, an operand, or where the library looks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/tool/command/options.h"

namespace clusterbind::tool {

struct Given {
  std::string name;  // for errors: a path as given, CLUSTERBIND_RULES, -r
  std::string text;
  std::string trouble;       // why there is no text; empty where there is
  std::string refused;       // why the library would not believe the file, though it is there
  std::string refused_hint;  // what to do about it
  std::optional<std::string> path;  // of the file, where it is one
  bool is_default = false;          // it is /etc/clusterbind.conf, and nobody named it
  bool none = false;                // no rules anywhere: the library does nothing
};

/// A rule text from an option.
Given given_text(std::string text);

/// The rules in a file. `trouble` where it cannot be read, is no regular file, or is too large.
/// `refused` where the library would refuse it in a program that this process's user starts.
Given given_file(const std::string& path, bool is_default = false);

/// What the library would take with the environment of this process; clusterbind.conf(5), FILES.
Given given_environment();

/// Why there is no text, or why the library refuses it, as an error in the form of a compiler's,
/// with a line end. Empty where nothing is wrong.
std::string trouble_report(const Given& given);

/// The rules that --config or --rules give, or else those of the environment.
Given given_by(const Options& options);

/// How a rule file's owner and modes serve those who have to read it.
struct FileProblem {
  std::string kind;  // "unreadable" or "unsafe"
  std::string message;
  std::string hint;
};
std::vector<FileProblem> file_problems(const Given& given);

}  // namespace clusterbind::tool
