#include "config/tool/units/dropin.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "config/tool/host/files.h"
#include "config/tool/host/sockets.h"
#include "config/tool/program/library.h"
#include "config/tool/units/settings.h"
#include "config/tool/units/words.h"

namespace clusterbind::tool {
namespace {

constexpr const char* units_folder = "/etc/systemd/system/";
constexpr const char* file_name = "zz-clusterbind.conf";
constexpr std::string_view attach_name = "clusterbind-attach";
constexpr const char* journal_socket = "/run/systemd/journal/dev-log";

/// The words of the ExecStartPre line, without its prefix.
std::vector<std::string> command_of(const DropIn& drop_in) {
  if (drop_in.way == Way::library) {
    return {drop_in.program, "check", "--start"};
  }
  std::vector<std::string> words = {drop_in.program};
  if (!drop_in.file.empty()) {
    words.insert(words.end(), {"-c", drop_in.file});
  }
  return words;
}

std::string command_line(const DropIn& drop_in) {
  std::string line = drop_in.way == Way::kernel ? "+" : "";
  for (const std::string& word : command_of(drop_in)) {
    line += (line.size() > 1 ? " " : "") + command_word(word);
  }
  return line;
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = write(file, text.data(), text.size());
    if (done < 0) {
      return false;
    }
    text.remove_prefix(static_cast<size_t>(done));
  }
  return true;
}

}  // namespace

std::string drop_in_path(const std::string& unit) {
  return fmt::format("{}{}.d/{}", units_folder, unit, file_name);
}

std::string drop_in_text(const DropIn& drop_in) {
  std::string text =
      "# Written by `clusterbind enable`; `clusterbind disable` takes it away. clusterbind(1)\n"
      "[Service]\n";
  text += fmt::format("ExecStartPre={}\n", command_line(drop_in));
  if (drop_in.way == Way::kernel) {
    if (drop_in.reloads) {
      text += fmt::format("ExecReload={}\n", command_line(drop_in));
    }
    return text;
  }
  text += fmt::format("Environment={} CLUSTERBIND_FOLLOW=1\n",
                      unit_word_with_specifiers("LD_PRELOAD=" + drop_in.preload));
  if (!drop_in.file.empty()) {
    text += fmt::format("Environment={}\n", unit_word("CLUSTERBIND_CONFIG=" + drop_in.file));
  }
  for (const std::string& log : drop_in.logs) {
    text += fmt::format("BindPaths={}\n", unit_word(fmt::format("-{}:{}", journal_socket, log)));
  }
  return text;
}

std::optional<DropIn> read_drop_in(const std::string& unit) {
  const std::string path = drop_in_path(unit);
  if (!exists(path)) {
    return std::nullopt;
  }
  DropIn drop_in;
  const auto settings = read_settings({path});
  for (const Setting& setting : settings) {
    if (setting.key != "ExecStartPre") {
      continue;
    }
    std::vector<std::string> words = unit_words(setting.value);
    if (words.empty()) {
      continue;
    }
    if (words[0].starts_with('+')) {
      words[0].erase(0, 1);
    }
    drop_in.program = words[0];
    if (base_name(words[0]) == attach_name) {
      drop_in.way = Way::kernel;
      drop_in.file = words.size() > 2 && words[1] == "-c" ? words[2] : std::string();
    }
  }
  drop_in.reloads = std::ranges::any_of(
      settings, [](const Setting& setting) { return setting.key == "ExecReload"; });
  if (drop_in.way == Way::library) {
    drop_in.preload = set_by_environment(settings, "LD_PRELOAD");
    drop_in.file = set_by_environment(settings, "CLUSTERBIND_CONFIG");
  }
  // Undoes the doubling that systemd requires.
  for (const std::string_view twice : {"%%", "$$"}) {
    for (size_t at = drop_in.file.find(twice); at != std::string::npos;
         at = drop_in.file.find(twice, at + 1)) {
      drop_in.file.erase(at, 1);
    }
  }
  return drop_in;
}

std::vector<std::string> units_with_drop_in() {
  std::vector<std::string> units;
  glob_t found = {};
  const std::string ending = fmt::format(".d/{}", file_name);
  if (glob((std::string(units_folder) + "*" + ending).c_str(), 0, nullptr, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; ++i) {
      std::string path = found.gl_pathv[i];
      path.resize(path.size() - ending.size());
      units.emplace_back(base_name(path));
    }
  }
  globfree(&found);
  return units;
}

std::vector<std::string> own_files(const Unit& unit) {
  std::vector<std::string> files = unit.files();
  std::erase_if(files, [](const std::string& file) { return base_name(file) == file_name; });
  return files;
}

std::string own_variable(const Unit& unit, std::string_view variable) {
  const auto settings = read_settings(unit.files());
  const bool is_ours = std::ranges::any_of(settings, [&](const Setting& setting) {
    return base_name(setting.file) == file_name && !set_by_environment({setting}, variable).empty();
  });
  return is_ours ? set_by_environment(read_settings(own_files(unit)), variable)
                 : unit.variable(variable);
}

int write_drop_in(const std::string& unit, const std::string& text) {
  const std::string path = drop_in_path(unit);
  const std::string folder = path.substr(0, path.rfind('/'));
  if (mkdir(folder.c_str(), 0755) == 0) {
    chmod(folder.c_str(), 0755);  // independent of the umask
  } else if (errno != EEXIST) {
    return errno;
  }
  const std::string temporary = path + ".new";
  Descriptor file(
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file.valid()) {
    return errno;
  }
  const bool written =
      write_all(file.get(), text) && fchmod(file.get(), 0644) == 0 && fsync(file.get()) == 0;
  if (!written || std::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    unlink(temporary.c_str());
    return error;
  }
  return 0;
}

int remove_drop_in(const std::string& unit) {
  const std::string path = drop_in_path(unit);
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    return errno;
  }
  rmdir(path.substr(0, path.rfind('/')).c_str());  // fails if the folder has other files
  return 0;
}

}  // namespace clusterbind::tool
