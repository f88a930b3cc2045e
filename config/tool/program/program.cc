#include "config/tool/program/program.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"
#include "config/tool/host/users.h"

namespace clusterbind::tool {
namespace {

constexpr size_t most_scripts = 5;    // beyond that the kernel reports ELOOP
constexpr size_t longest_line = 256;  // BINPRM_BUF_SIZE of linux/binfmts.h

bool is_regular(const std::string& path) {
  struct stat facts = {};
  return stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
}

/// The path that execvp(3) finds for a name; empty if there is none. The folders for daemons are
/// searched after PATH, because an ordinary user's PATH lacks them.
std::string in_path(const std::string& name) {
  if (name.find('/') != name.npos) {
    return exists(name) ? name : std::string();
  }
  const char* const variable = std::getenv("PATH");
  const std::string folders = fmt::format("{}:/usr/local/sbin:/usr/sbin:/sbin",
                                          variable == nullptr ? "/bin:/usr/bin" : variable);
  std::string unfit;
  for (const std::string_view folder : split(folders, ":")) {
    std::string path = fmt::format("{}/{}", folder, name);
    if (is_regular(path) && access(path.c_str(), X_OK) == 0) {
      return path;
    }
    if (unfit.empty() && is_regular(path)) {
      unfit = path;
    }
  }
  return unfit;
}

/// The program that a "#!" line runs. If that is env(1), the program that env finds in PATH.
std::string interpreter_of(std::string_view line) {
  const auto words = split(line, " \t");
  if (words.empty()) {
    return {};
  }
  if (base_name(words[0]) == "env") {
    for (const std::string_view word : std::vector(words.begin() + 1, words.end())) {
      if (!word.starts_with('-') && word.find('=') == word.npos) {
        return in_path(std::string(word));
      }
    }
  }
  return std::string(words[0]);
}

bool looks_like_text(const std::string& start) {
  return start.find('\0') == start.npos;
}

/// If `file` is a script, replaces it by its interpreter; otherwise returns false.
bool follow_script(Program& program, std::string& file) {
  const auto start = read_file(file, longest_line);
  if (!start || start->empty() || start->starts_with("\177ELF") || !looks_like_text(*start)) {
    return false;
  }
  const bool marked = start->starts_with("#!");
  const std::string line = marked ? start->substr(2, start->find('\n') - 2) : std::string();
  const std::string next = marked ? interpreter_of(line) : "/bin/sh";
  program.scripts.push_back({file, line});
  if (next.empty() || !is_regular(next)) {
    program.broken = fmt::format("{}: its interpreter is missing: {}", file, line);
    return false;
  }
  if (program.scripts.size() > most_scripts) {
    program.broken = fmt::format("{}: too many scripts in a row", program.path);
    return false;
  }
  file = next;
  return true;
}

}  // namespace

std::optional<Rights> read_rights(const std::string& file) {
  struct stat facts = {};
  struct statvfs system = {};
  if (stat(file.c_str(), &facts) != 0 || statvfs(file.c_str(), &system) != 0) {
    return std::nullopt;
  }
  Rights rights;
  rights.owner = facts.st_uid;
  rights.group = facts.st_gid;
  rights.setuid = (facts.st_mode & S_ISUID) != 0;
  // Without the group's execute bit, S_ISGID stands for mandatory locking.
  rights.setgid = (facts.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);
  rights.capabilities = getxattr(file.c_str(), "security.capability", nullptr, 0) > 0;
  rights.nosuid = (system.f_flag & ST_NOSUID) != 0;
  // Secure execution: the new ids differ from the caller's real ones, or a user other than root
  // gains capabilities; cap_bprm_creds_from_file() in the kernel's security/commoncap.c.
  rights.is_secure = !rights.nosuid && ((rights.setuid && rights.owner != getuid()) ||
                                        (rights.setgid && rights.group != getgid()) ||
                                        (rights.capabilities && getuid() != 0));
  return rights;
}

std::string rights_text(const Rights& rights) {
  std::string text;
  const auto add = [&](const std::string& word) { append(text, word); };
  if (rights.setuid) {
    add("setuid " + user_name(rights.owner));
  }
  if (rights.setgid) {
    add("setgid " + group_name(rights.group));
  }
  if (rights.capabilities) {
    add("capabilities");
  }
  if (rights.nosuid && !text.empty()) {
    add("but on a nosuid file system");
  }
  return text.empty() ? "none" : text;
}

Program find_program(const std::string& name) {
  Program program;
  program.path = in_path(name);
  if (program.path.empty()) {
    program.trouble = fmt::format("{}: {}", name, error_text(ENOENT));
    return program;
  }
  if (!is_regular(program.path)) {
    program.broken = fmt::format("{}: not a regular file", program.path);
    return program;
  }
  program.is_executable = access(program.path.c_str(), X_OK) == 0;
  std::string file = program.path;
  while (follow_script(program, file)) {
  }
  if (!program.broken.empty()) {
    return program;
  }
  program.file = resolved(file);
  const auto rights = read_rights(program.file);
  errno = 0;
  program.elf = read_elf(program.file);
  if (!program.elf && errno != 0) {
    program.trouble = fmt::format("{}: {}", program.file, error_text(errno));
  }
  program.rights = rights.value_or(Rights{});
  return program;
}

}  // namespace clusterbind::tool
