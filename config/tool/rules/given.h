// The rule text that a command works on: from an option, an operand, or the library's own places.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/tool/command/options.h"

namespace clusterbind::tool {

struct Given {
  std::string name;  // for error messages: a path as given, CLUSTERBIND_RULES, -r
  std::string text;
  std::string trouble;              // why there is no text; empty if there is one
  std::string refused;              // why the library would not trust the file although it exists
  std::string refused_hint;         // what to do about it
  std::optional<std::string> path;  // nothing if the rules come from no file
  bool is_default = false;          // it is /etc/clusterbind.conf, found without being named
  bool is_missing = false;          // there is no such file, which differs from one out of reach
  bool none = false;                // no rules anywhere: the library does nothing
};

/// A rule text that an option has.
Given given_text(std::string text);

/// The rules in a file. `trouble` is set if it cannot be read, is not a regular file, or is too
/// large; `refused` if the library would refuse it in a program that this process's user starts.
Given given_file(const std::string& path, bool is_default = false);

/// The rules that the library would use with this process's environment; clusterbind.conf(5),
/// FILES.
Given given_environment();

/// An error message in the form of a compiler's, with a line end, that says why there is no text,
/// or why the library refuses it. Empty if nothing is wrong.
std::string trouble_report(const Given& given);

/// The rules of --config or --rules or, without these options, those of the environment.
Given given_by(const Options& options);

/// Why the owner and mode of a rule file do not suit those who have to read it.
struct FileProblem {
  std::string kind;  // "unreadable" or "unsafe"
  std::string message;
  std::string hint;
};
std::vector<FileProblem> file_problems(const Given& given);

}  // namespace clusterbind::tool
