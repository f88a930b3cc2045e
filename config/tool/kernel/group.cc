#include "config/tool/kernel/group.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <string_view>

#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"

namespace clusterbind::tool {
namespace {

constexpr size_t most = size_t{1} << 20;

/// A mount of the hierarchy or of a part of it; proc_pid_mountinfo(5).
struct Mount {
  std::string root;  // the group that is the root of the mount
  std::string folder;
};

/// Resolves octal escapes, such as "\040" for a blank.
std::string unescaped(std::string_view field) {
  std::string result;
  while (!field.empty()) {
    size_t taken = 1;
    char byte = field[0];
    if (byte == '\\' && field.size() >= 4) {
      byte = static_cast<char>((field[1] - '0') << 6 | (field[2] - '0') << 3 | (field[3] - '0'));
      taken = 4;
    }
    result += byte;
    field.remove_prefix(taken);
  }
  return result;
}

std::vector<Mount> mounts() {
  std::vector<Mount> result;
  const std::string list = read_file("/proc/self/mountinfo", most).value_or("");
  for (const std::string_view line : split(list, "\n")) {
    const size_t separator = line.find(" - ");
    if (separator == line.npos || !line.substr(separator).starts_with(" - cgroup2 ")) {
      continue;
    }
    const auto fields = split(line, " ");
    result.push_back({unescaped(fields[3]), unescaped(fields[4])});
  }
  if (result.empty()) {
    throw std::runtime_error(
        "no cgroup v2 is mounted: boot with systemd.unified_cgroup_hierarchy=1, or mount -t "
        "cgroup2 "
        "none FOLDER");
  }
  return result;
}

/// The kernel's name of a process's group, such as "/system.slice/exim4.service".
std::string name_of_group(const std::string& process) {
  const auto groups = read_file("/proc/" + process + "/cgroup", most);
  if (!groups) {
    throw std::runtime_error(
        fmt::format("/proc/{}/cgroup: {}", printable(process), error_text(errno)));
  }
  for (const std::string_view line : split(*groups, "\n")) {
    if (line.starts_with("0::")) {
      return std::string(line.substr(3));
    }
  }
  throw NoGroups("this kernel has no cgroup v2");
}

void add_within(const std::string& group, std::vector<std::string>& all) {
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(group, error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_directory(error)) {
      all.push_back(at->path());
    }
  }
}

}  // namespace

std::string folder_of_group(std::string_view group) {
  for (const Mount& mount : mounts()) {
    if (mount.root == "/") {
      return mount.folder + std::string(group == "/" ? "" : group);
    }
    if (group == mount.root || group.starts_with(mount.root + "/")) {
      return mount.folder + std::string(group.substr(mount.root.size()));
    }
  }
  throw std::runtime_error(fmt::format("the group {} is mounted nowhere here", printable(group)));
}

std::string group_of_process(const std::string& process) {
  return folder_of_group(name_of_group(process));
}

std::string own_group() {
  std::string name = name_of_group("self");
  constexpr std::string_view control = "/.control";
  if (name.ends_with(control)) {
    name.resize(name.size() - control.size());
  }
  if (name.empty() || name == "/") {
    throw std::runtime_error(
        "this process is in the group of all processes: name one with --unit or --cgroup");
  }
  return folder_of_group(name);
}

std::string group_at(const std::string& path) {
  std::string folder = resolved(path);
  struct statfs facts = {};
  if (statfs(folder.c_str(), &facts) != 0) {
    throw std::runtime_error(fmt::format("{}: {}", printable(path), error_text(errno)));
  }
  const bool is_folder = std::filesystem::is_directory(folder);
  if (facts.f_type != CGROUP2_SUPER_MAGIC || !is_folder) {
    throw std::runtime_error(
        fmt::format("{} is not a folder of cgroup v2: findmnt -t cgroup2 shows where these are",
                    printable(path)));
  }
  return folder;
}

std::vector<std::string> groups_around(const std::string& group) {
  std::vector<std::string> result;
  for (size_t end = group.rfind('/'); end != group.npos && end > 0;
       end = group.rfind('/', end - 1)) {
    const std::string folder = group.substr(0, end);
    struct statfs facts = {};
    if (statfs(folder.c_str(), &facts) != 0 || facts.f_type != CGROUP2_SUPER_MAGIC) {
      break;
    }
    result.insert(result.begin(), folder);
  }
  return result;
}

std::vector<std::string> groups_within(const std::string& group) {
  std::vector<std::string> all;
  add_within(group, all);
  return all;
}

Descriptor open_group(const std::string& group) {
  Descriptor folder(open(group.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) {
    throw std::runtime_error(fmt::format("{}: {}", printable(group), error_text(errno)));
  }
  return folder;
}

}  // namespace clusterbind::tool
