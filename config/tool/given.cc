#include "config/tool/given.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "config/origin.h"
#include "config/parse.h"
#include "config/tool/files.h"
#include "config/tool/terminal.h"

namespace clusterbind::tool {
namespace {

/// The folders on the way to an absolute path, from the root down.
std::vector<std::string> folders_of(const std::string& path) {
  std::vector<std::string> folders = {"/"};
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    folders.push_back(path.substr(0, at));
  }
  return folders;
}

}  // namespace

Given given_text(std::string text) {
  Given given;
  given.name = "-r";
  given.text = std::move(text);
  return given;
}

Given given_file(const std::string& path) {
  Given given;
  given.name = path;
  given.path = path;
  struct stat facts = {};
  const bool is_there = stat(path.c_str(), &facts) == 0;
  const char* const why =
      is_there ? distrust(facts, {.user = 1}, [] { return UserNamespace(); }) : nullptr;
  auto text = is_there && why == nullptr ? read_file(path, text_limit + 1) : std::nullopt;
  if (text) {
    given.text = std::move(*text);
  } else {
    given.trouble = why != nullptr ? why : error_text(errno);
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
  Given given = given_file(origin.path);
  given.none = origin.optional && !given.trouble.empty() && !exists(origin.path);
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
  return fmt::format("{}: {} {}\n", printable(given.name), paint(Colour::error, "error:", true),
                     given.trouble);
}

Given given_by(const Options& options) {
  if (options.rules) {
    return given_text(*options.rules);
  }
  return options.file ? given_file(*options.file) : given_environment();
}

std::vector<FileProblem> file_problems(const std::string& path) {
  std::vector<FileProblem> problems;
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
  if (const char* const why = distrust(facts, {.user = 0}, [] { return UserNamespace(); })) {
    problems.push_back(
        {"unsafe",
         fmt::format("{}: programs started as root, and setuid ones, refuse it and every "
                     "connection outside loopback",
                     why),
         fmt::format("chown root {0}; chmod go-w {0}", path)});
  }
  return problems;
}

}  // namespace clusterbind::tool
