#include "config/tool/rules/given.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "config/origin.h"
#include "config/parse.h"
#include "config/text.h"
#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"
#include "config/tool/host/sockets.h"
#include "config/tool/program/access.h"
#include "config/tool/rules/trust.h"

namespace clusterbind::tool {
Given given_text(std::string text) {
  Given given;
  given.name = "-r";
  given.text = std::move(text);
  return given;
}

Given given_file(const std::string& path, bool is_default) {
  Given given;
  given.name = path;
  given.path = path;
  given.is_default = is_default;
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat facts = {};
  if (!file.valid() || fstat(file.get(), &facts) != 0) {
    given.is_missing = errno == ENOENT;
    given.trouble = error_text(errno);
    return given;
  }
  const Reader reader = {.user = geteuid(), .is_default = is_default};
  if (const char* const why = distrust_here(facts, reader)) {
    (S_ISREG(facts.st_mode) ? given.refused : given.trouble) = why;
    given.refused_hint = trust_hint(path, facts);
  }
  if (auto text =
          given.trouble.empty() ? read_descriptor(file.get(), text_limit + 1) : std::nullopt) {
    given.text = without_mark(*text);
  } else if (given.trouble.empty()) {
    given.trouble = error_text(errno);
  }
  return given;
}

Given given_environment() {
  const RuleVariables variables = {std::getenv("CLUSTERBIND_RULES"),
                                   std::getenv("CLUSTERBIND_CONFIG")};
  const Origin origin = choose_origin(variables, false);
  if (origin.text != nullptr) {
    Given given = given_text(origin.text);
    given.name = rules_variable;
    return given;
  }
  Given given = given_file(origin.path, origin.optional);
  given.none = origin.optional && given.is_missing;
  if (origin.wrong != nullptr) {
    given.trouble = origin.wrong;
  }
  return given;
}

std::string trouble_report(const Given& given) {
  if (given.none) {
    return fmt::format(
        "no rules: CLUSTERBIND_RULES and CLUSTERBIND_CONFIG are unset, and there is no {}\n"
        "hint: without rules the library does nothing\n",
        default_file);
  }
  const std::string label = paint(Colour::error, "error:", true);
  if (!given.trouble.empty()) {
    return fmt::format("{}: {} {}\n", printable(given.name), label, given.trouble);
  }
  if (!given.refused.empty()) {
    return fmt::format(
        "{}: {} {}: the library refuses the file, and every TCP connection outside loopback\n"
        "hint: {}\n",
        printable(given.name), label, given.refused, printable(given.refused_hint));
  }
  return {};
}

Given given_by(const Options& options) {
  if (options.rules) {
    return given_text(*options.rules);
  }
  return options.file ? given_file(*options.file) : given_environment();
}

std::vector<FileProblem> file_problems(const Given& given) {
  std::vector<FileProblem> problems;
  const std::string& path = *given.path;
  struct stat facts = {};
  if (stat(path.c_str(), &facts) != 0) {
    return problems;
  }
  if ((facts.st_mode & S_IROTH) == 0) {
    problems.push_back(
        {"unreadable",
         fmt::format("mode {:04o}: programs of other users cannot read it, and refuse "
                     "every connection outside loopback",
                     facts.st_mode & 07777),
         fmt::format("chmod o+r {}", path)});
  }
  for (const std::string& folder : folders_of(resolved(path))) {
    struct stat folder_facts = {};
    if (stat(folder.c_str(), &folder_facts) == 0 && (folder_facts.st_mode & S_IXOTH) == 0) {
      problems.push_back({"unreadable",
                          fmt::format("programs of other users cannot enter {}, and refuse every "
                                      "connection outside loopback",
                                      folder),
                          fmt::format("chmod o+x {}, or keep the file elsewhere", folder)});
    }
  }
  // If this user's own processes refuse the file, that is an error and not a finding.
  const char* const why = distrust_here(facts, {.user = 0, .is_default = given.is_default});
  if (why != nullptr && given.refused.empty()) {
    problems.push_back(
        {"unsafe",
         fmt::format("{}: programs started as root, and setuid ones, refuse it and every "
                     "connection outside loopback",
                     why),
         trust_hint(path, facts)});
  }
  return problems;
}

}  // namespace clusterbind::tool
